import { api, unwrap } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { Link } from "../../ui/Link";
import { Page } from "../../ui/Page";
import { Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { pageAddress, useView } from "../../view/view";

export function TablesPage() {
  const view = useView();
  const tables = useResource(`release:${view.release}:tables`, (signal) =>
    unwrap(api.GET("/tables", { params: { query: { release: view.release } }, signal })));
  return (
    <Page title={text.tables.title} hint={text.releaseNumber(view.release)}>
      <Loaded of={tables} height={400}>
        {(answer) => (
          <Table
            caption={text.tables.title} rows={answer.tables}
            columns={[
              { name: "name", title: text.tables.name, cell: (table) => <Link to={pageAddress(view, `/tables/${encodeURIComponent(table.name)}`)}>{table.name}</Link> },
              { name: "layer", title: text.tables.layer, cell: (table) => table.layer },
              { name: "rows", title: text.tables.rows, numeric: true, cell: (table) => formatCount(table.rows) },
              { name: "version", title: text.tables.version, numeric: true, cell: (table) => table.version },
              { name: "owner", title: text.tables.owner, cell: (table) => table.owner },
              { name: "description", title: text.tables.description, wide: true, cell: (table) => table.description },
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}
