import { api, unwrap } from "../../api/client";
import { useResource } from "../../api/resource";
import { text } from "../../text/catalogue";
import { Link } from "../../ui/Link";
import { Page } from "../../ui/Page";
import { Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { pageAddress, useView } from "../../view/view";

export function MetricsPage() {
  const view = useView();
  const metrics = useResource(`metrics:${view.projectEdits}`, (signal) => unwrap(api.GET("/metrics", { signal })));
  return (
    <Page title={text.metrics.title}>
      <Loaded of={metrics} height={400}>
        {(answer) => (
          <Table
            caption={text.metrics.title} rows={answer.metrics}
            columns={[
              { name: "title", title: text.metrics.title, cell: (metric) => <Link to={pageAddress(view, `/metrics/${encodeURIComponent(metric.name)}`)}>{metric.title}</Link> },
              { name: "unit", title: text.metrics.unit, cell: (metric) => metric.unit_name === "" ? metric.unit : metric.unit_name },
              { name: "table", title: text.metrics.table, cell: (metric) => metric.table },
              { name: "owner", title: text.metrics.owner, cell: (metric) => metric.owner },
              { name: "description", title: text.tables.description, wide: true, cell: (metric) => metric.description },
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}
