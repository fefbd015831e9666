"""airbyte_serverless's own command line, `abs`, with one more destination: a folder that needs no network."""

import json
import pathlib

from airbyte_serverless.cli import cli
from airbyte_serverless.destinations import DESTINATION_CLASS_MAP, BaseDestination


class FolderDestination(BaseDestination):
    """A file of JSON lines for each kind of row; the source's states are rows as well."""

    yaml_definition_example = 'folder: "" # REQUIRED | string | Folder for the rows'

    def __init__(self, folder, **options):
        super().__init__(**options)
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def get_state(self):
        """The last state of each stream, in the form a source takes."""
        path = self.folder / "_airbyte_states.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        states = [json.loads(json.loads(line)["_airbyte_data"]) for line in lines]
        return list({state["stream"]["stream_descriptor"]["name"]: state for state in states}.values())

    def _write(self, record_type, records):
        with open(self.folder / f"{record_type}.jsonl", "a") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)


if __name__ == "__main__":
    DESTINATION_CLASS_MAP["folder"] = FolderDestination
    cli()
