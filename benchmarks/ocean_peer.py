"""What Port's own processor takes for a mapping, without fetching anything: it prints the processor time in seconds and
how many records became entities. Run it by an environment that has the PyPI package port_ocean.

    python ocean_peer.py MAPPING RECORDS

MAPPING is the JSON file of a resource's selector and mappings, RECORDS a file with a JSON record a line.
"""

import asyncio
import json
import sys
import time
from unittest import mock

from loguru import logger
from port_ocean.context.ocean import initialize_port_ocean_context
from port_ocean.core.handlers.entity_processor.jq_entity_processor import JQEntityProcessor
from port_ocean.core.handlers.port_app_config.models import ResourceConfig

PAGE = 100  # its integration for Sentry hands over a page at a time


async def entities(processor, resource, records):
    passed = 0
    for at in range(0, len(records), PAGE):
        result = await processor._parse_items(resource, records[at:at + PAGE])
        passed += len(result.entity_selector_diff.passed)
    return passed


def main():
    mapping, path = sys.argv[1:]
    with open(mapping) as file:
        resource = ResourceConfig.parse_obj(json.load(file))
    with open(path) as file:
        records = [json.loads(line) for line in file]
    logger.remove()
    ocean = mock.MagicMock()
    ocean.config.allow_environment_variables_jq_access = True  # its default
    initialize_port_ocean_context(ocean)
    processor = JQEntityProcessor(mock.MagicMock())
    begin = time.process_time()
    passed = asyncio.run(entities(processor, resource, records))
    print(time.process_time() - begin, passed)


if __name__ == "__main__":
    main()
