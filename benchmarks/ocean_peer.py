"""What Port's own processor takes for a mapping, without fetching anything: it prints the processor time in seconds and
how many records became entities. Run it by an environment that has the PyPI package port_ocean.

    python ocean_peer.py MAPPING RECORDS

MAPPING is the JSON file of a resource's selector and mappings, RECORDS a file with a JSON record a line. The processor
is called in this process, as each of Ocean's worker processes calls it; what starts these is left out.
"""

import json
import sys
import time
from unittest import mock

from loguru import logger
from port_ocean.context.ocean import initialize_port_ocean_context
from port_ocean.core.handlers.entity_processor.jq_entity_processor_sync import JQEntityProcessorSync


def main():
    mapping, path = sys.argv[1:]
    with open(mapping) as file:
        resource = json.load(file)
    with open(path) as file:
        records = [json.loads(line) for line in file]
    logger.remove()
    ocean = mock.MagicMock()
    ocean.config.allow_environment_variables_jq_access = True  # its default
    initialize_port_ocean_context(ocean)
    mappings, query = resource["port"]["entity"]["mappings"], resource["selector"]["query"]
    begin = time.process_time()
    passed = 0
    for record in records:
        entity = JQEntityProcessorSync._get_mapped_entity(record, mappings, query)
        passed += entity.did_entity_pass_selector and all(entity.entity["properties"].values())
    print(time.process_time() - begin, passed)


if __name__ == "__main__":
    main()
