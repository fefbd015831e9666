"""Reads the metadata.yaml that the argument names with Airbyte's own models, and prints what each of them holds. Fails
with the model's words where one of them refuses it."""

import json
import pathlib
import sys

import yaml
from airbyte_cdk.models.connector_metadata import MetadataFile
from airbyte_connector_models.metadata.v0.connector_metadata_definition_v0 import ConnectorMetadataDefinitionV0

path = pathlib.Path(sys.argv[1])
registry = ConnectorMetadataDefinitionV0.model_validate(yaml.safe_load(path.read_text()))
print(json.dumps({"registry": registry.model_dump(mode="json", by_alias=True, exclude_unset=True),
                  "cdk": MetadataFile.from_file(path).model_dump(mode="json", exclude_unset=True)}))
