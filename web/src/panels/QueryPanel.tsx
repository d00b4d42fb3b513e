import { api, unwrap, type Schemas } from "../api/client";
import { useResource } from "../api/resource";
import { formatCount } from "../amounts/format";
import { text } from "../text/catalogue";
import { Cell, cellDigits, isNumeric } from "../ui/Cell";
import { Empty, Loaded } from "../ui/States";
import { Table, type TableColumn } from "../ui/Table";
import { useView } from "../view/view";
import { Ignored } from "./Ignored";
import { daysOfPage, isRanged, rangeQuery, stateOf, type Panel, type PanelPage } from "./panelData";
import { followedBy, rangeFilters } from "./queryFilters";

type SqlResult = Schemas["SqlResult"];
type Range = ReturnType<typeof rangeQuery>;

const kRows = 100;

/** The days of a range; a name means what it means to the metric of the page. */
async function daysOf(range: Range, metric: string | null, release: number, signal: AbortSignal): Promise<{ start: string | null; end: string | null }> {
  if (range.range === undefined || range.range === "all" || metric === null) return { start: range.start ?? null, end: range.end ?? null };
  return daysOfPage(range.range, metric, release, signal);
}

/** The rows of a saved query at the release of the page; values lead to the rows that they name. */
export function QueryPanel({ panel, page }: { panel: Panel; page: PanelPage }) {
  const view = useView();
  const { query, time_column: timeColumn } = panel;
  const range = rangeQuery(stateOf(page, view.state), page.default_range);
  const followed = followedBy(panel, view.state);
  const body = { release: view.release, limit: panel.limit ?? kRows, parameters: followed.parameters };
  const days = timeColumn === null ? null : range;
  const key = query === null ? null : `release:query:${view.projectEdits}:${JSON.stringify([query, body, followed.filters, days])}`;
  const result = useResource(key, async (signal) => {
    const { start, end } = days === null ? { start: null, end: null } : await daysOf(days, page.metric, view.release, signal);
    const filters = [...followed.filters, ...(timeColumn === null ? [] : rangeFilters(timeColumn, start, end))];
    return unwrap(api.POST("/queries/{query}/run", { params: { path: { query: query ?? "" } }, body: { ...body, filters }, signal }));
  });
  return (
    <>
      <div class="panel-head"><h2>{panel.title}</h2></div>
      <Ignored filters={followed.ignored} page={page} range={isRanged(range) && timeColumn === null} />
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
