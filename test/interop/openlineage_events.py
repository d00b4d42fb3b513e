"""Events of a file through the classes of the OpenLineage client: what they make of each, as JSON.

Run by test_openlineage.py in the client's own environment. A facet that the client does not know, a member that its
classes do not have and a schema of another version are errors.
"""

import json
import sys

import attr
from openlineage.client import event_v2, facet_v2
from openlineage.client.serde import Serde

FACETS = {
    'processing_engine': (facet_v2.processing_engine_run.ProcessingEngineRunFacet, {}),
    'parent': (facet_v2.parent_run.ParentRunFacet, {'run': facet_v2.parent_run.Run, 'job': facet_v2.parent_run.Job}),
    'errorMessage': (facet_v2.error_message_run.ErrorMessageRunFacet, {}),
    'jobType': (facet_v2.job_type_job.JobTypeJobFacet, {}),
    'sql': (facet_v2.sql_job.SQLJobFacet, {}),
    'ownership': (facet_v2.ownership_job.OwnershipJobFacet, {'owners': facet_v2.ownership_job.Owner}),
    'version': (facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet, {}),
    'schema': (facet_v2.schema_dataset.SchemaDatasetFacet, {'fields': facet_v2.schema_dataset.SchemaDatasetFacetFields}),
    'outputStatistics': (facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet, {}),
    'dataQualityAssertions': (facet_v2.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet,
                              {'assertions': facet_v2.data_quality_assertions_dataset.Assertion}),
    'dataQualityMetrics': (facet_v2.data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet, {}),
}


def built(kind, value):
    if isinstance(value, list):
        return [kind(**each) for each in value]
    return kind(**value)


def input_field(value):
    kinds = facet_v2.column_lineage_dataset
    uses = [kinds.Transformation(**each) for each in value.pop('transformations')]
    return kinds.InputField(**value, transformations=uses)


def column_lineage(members):
    kinds = facet_v2.column_lineage_dataset
    fields = {name: kinds.Fields(inputFields=[input_field(each) for each in field['inputFields']])
              for name, field in members['fields'].items()}
    return kinds.ColumnLineageDatasetFacet(fields=fields, dataset=[input_field(each) for each in members['dataset']])


def facet_of(name, members):
    schema, producer = members.pop('_schemaURL'), members.pop('_producer')
    if name == 'columnLineage':
        made = column_lineage(members)
    else:
        kind, parts = FACETS[name]
        made = kind(**{key: built(parts[key], value) if key in parts else value for key, value in members.items()})
    assert schema == made._schemaURL, (name, schema, made._schemaURL)  # noqa: SLF001
    made._producer = producer  # noqa: SLF001
    return made


def facets_of(holder, member):
    return {name: facet_of(name, members) for name, members in holder.pop(member, {}).items()}


def dataset(kind, value):
    member = 'inputFacets' if kind is event_v2.InputDataset else 'outputFacets'
    facets, own = facets_of(value, 'facets'), facets_of(value, member)
    return kind(**value, facets=facets, **{member: own})


def event_of(line):
    value = json.loads(line)
    schema = value.pop('schemaURL')
    run, job = value.pop('run'), value.pop('job')
    made = event_v2.RunEvent(
        eventType=event_v2.RunState[value.pop('eventType')], eventTime=value.pop('eventTime'), producer=value.pop('producer'),
        run=event_v2.Run(runId=run['runId'], facets=facets_of(run, 'facets')),
        job=event_v2.Job(namespace=job['namespace'], name=job['name'], facets=facets_of(job, 'facets')),
        inputs=[dataset(event_v2.InputDataset, each) for each in value.pop('inputs')],
        outputs=[dataset(event_v2.OutputDataset, each) for each in value.pop('outputs')])
    assert schema == made.schemaURL, (schema, made.schemaURL)
    assert not value, value
    attr.validate(made)
    return made


with open(sys.argv[1], encoding='utf-8') as lines:
    print(json.dumps([json.loads(Serde.to_json(event_of(line))) for line in lines]))
