import { api, unwrap, type Schemas } from "../api/client";
import { useResource } from "../api/resource";
import { formatCount } from "../amounts/format";
import { text } from "../text/catalogue";
import { Cell, cellDigits, isNumeric } from "../ui/Cell";
import { Empty, Loaded } from "../ui/States";
import { Table, type TableColumn } from "../ui/Table";
import { useView } from "../view/view";
import type { Panel } from "./panelData";

type SqlResult = Schemas["SqlResult"];

const kRows = 100;

/** The rows of a saved query at the release of the page; values lead to the rows that they name. */
export function QueryPanel({ panel }: { panel: Panel }) {
  const view = useView();
  const { query } = panel;
  const body = { release: view.release, limit: panel.limit ?? kRows, parameters: panel.parameters };
  const key = query === null ? null : `release:query:${view.projectEdits}:${JSON.stringify([query, body])}`;
  const result = useResource(key, (signal) =>
    unwrap(api.POST("/queries/{query}/run", { params: { path: { query: query ?? "" } }, body, signal })));
  return (
    <>
      <div class="panel-head"><h2>{panel.title}</h2></div>
      <Loaded of={result} height={240}>
        {(answer) => answer.rows.length === 0 ? <Empty title={text.states.noRows} /> : <Rows panel={panel} result={answer} />}
      </Loaded>
    </>
  );
}

function Rows({ panel, result }: { panel: Panel; result: SqlResult }) {
  const columns = result.columns.map((column, index): TableColumn<SqlResult["rows"][number]> => {
    const digits = cellDigits(column, result.rows.map((row) => row[index]));
    const place = panel.links[column.name];
    return {
      name: `${index}-${column.name}`, title: column.name, label: column.name, numeric: isNumeric(column),
      cell: (row) => <Cell value={row[index]} column={place === undefined ? column : { ...column, references: place }} digits={digits} />,
    };
  });
  return (
    <>
      <Table caption={panel.title} rows={result.rows} columns={columns} />
      {result.truncated ? <p class="note">{text.states.truncated(formatCount(result.rows.length))}</p> : null}
    </>
  );
}
