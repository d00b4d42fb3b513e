import { useState } from "preact/hooks";
import { api, exportAddress, unwrap, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatCount, formatMoney } from "../../amounts/format";
import { RowTable, traceOf } from "../../drill/Drill";
import { useRows, type Column } from "../../drill/rows";
import { Trace, type TraceQuestion } from "../../drill/Trace";
import { text } from "../../text/catalogue";
import { Drawer } from "../../ui/Drawer";
import { Link } from "../../ui/Link";
import { Page, Section } from "../../ui/Page";
import { Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { filterText, type FilterOp } from "../../view/urlState";
import { changeState, pageAddress, useView } from "../../view/view";
import { ActiveFilters } from "../../panels/FilterBar";

type TableFacts = Schemas["Table"];

export function TablePage({ name }: { name: string }) {
  const view = useView();
  const table = useResource(`release:${view.release}:table:${name}`, (signal) =>
    unwrap(api.GET("/tables/{table}", { params: { path: { table: name }, query: { release: view.release } }, signal })));
  return (
    <Loaded of={table} height={600}>
      {(facts) => (
        <Page title={facts.name} hint={facts.description}>
          <Rows table={facts} />
          <Facts table={facts} />
        </Page>
      )}
    </Loaded>
  );
}

function Rows({ table }: { table: TableFacts }) {
  const view = useView();
  const [sort, setSort] = useState("");
  const [traced, setTraced] = useState<TraceQuestion | null>(null);
  const filters = view.state.filters.map(filterText);
  const list = useRows(JSON.stringify([table.name, view.release, sort, filters]), (cursor, limit, signal) =>
    unwrap(api.GET("/tables/{table}/rows", {
      params: {
        path: { table: table.name },
        query: { release: view.release, limit, filter: filters, ...(sort === "" ? {} : { sort }), ...(cursor === undefined ? {} : { cursor }) },
      },
      signal,
    })));
  const path = `/tables/${encodeURIComponent(table.name)}/export`;
  const query = { release: view.release, sort };
  const heads = (column: Column) => ({
    title: (
      <button type="button" class="plain" aria-label={text.tables.sortBy(column.name)} onClick={() => setSort(sort === column.name ? `-${column.name}` : column.name)}>
        {column.name}<span aria-hidden="true">{sort === column.name ? " ▲" : sort === `-${column.name}` ? " ▼" : ""}</span>
      </button>
    ),
    sorted: sort === column.name ? "ascending" as const : sort === `-${column.name}` ? "descending" as const : undefined,
  });
  return (
    <>
      <div class="toolbar" role="group" aria-label={text.filters.title}>
        <FilterForm table={table} />
        <ActiveFilters filters={view.state.filters} titles={new Map()} />
        <span class="panel-actions">
          <a href={exportAddress(path, { format: "csv", ...query }, filters)} download="">{text.panel.csv}</a>
          <a href={exportAddress(path, { format: "xlsx", ...query }, filters)} download="">{text.panel.xlsx}</a>
          <a href={exportAddress(path, { format: "parquet", ...query }, filters)} download="">{text.tables.parquet}</a>
        </span>
      </div>
      {list.total === null ? null : (
        <p class="totals" data-testid="table-total">
          {text.tables.total}: {text.rows(formatCount(list.total.rows))}
          {list.total.sums.map((each) => <span key={`${each.column}${each.sum.currency}`}> · {each.column} {formatMoney(each.sum)}</span>)}
        </p>
      )}
      <RowTable
        list={list} caption={table.name} heads={heads}
        action={(row) => {
          const question = traceOf(table.name, view.release, list.columns, row);
          return question === null ? null : (
            <button type="button" class="plain" aria-label={text.drill.traceRow} onClick={() => setTraced(question)}>{text.drill.trace}</button>
          );
        }}
      />
      {traced === null ? null : (
        <Drawer title={text.drill.traceTitle} onClose={() => setTraced(null)}>
          <Trace question={traced} onBack={() => setTraced(null)} />
        </Drawer>
      )}
    </>
  );
}

function FilterForm({ table }: { table: TableFacts }) {
  const view = useView();
  const [column, setColumn] = useState(table.columns[0]?.name ?? "");
  const [op, setOp] = useState<FilterOp>("eq");
  const [value, setValue] = useState("");
  const bare = op === "null" || op === "notnull";
  const submit = (event: Event): void => {
    event.preventDefault();
    const values = bare ? [] : op === "in" ? value.split("|") : [value];
    changeState(view, { filters: [...view.state.filters, { column, op, values }] });
    setValue("");
  };
  return (
    <form class="toolbar-form" onSubmit={submit}>
      <label>
        {text.tables.filterColumn}
        <select value={column} onChange={(event) => setColumn(event.currentTarget.value)}>
          {table.columns.map((each) => <option key={each.name} value={each.name}>{each.name}</option>)}
        </select>
      </label>
      <label>
        {text.tables.filterOp}
        <select value={op} onChange={(event) => setOp(event.currentTarget.value as FilterOp)}>
          {Object.entries(text.tables.ops).map(([name, title]) => <option key={name} value={name}>{title}</option>)}
        </select>
      </label>
      {bare ? null : (
        <label>{text.tables.filterValue}<input value={value} onInput={(event) => setValue(event.currentTarget.value)} /></label>
      )}
      <button type="submit">{text.tables.addFilter}</button>
    </form>
  );
}

function Facts({ table }: { table: TableFacts }) {
  const view = useView();
  return (
    <div class="spaced">
      <Section title={text.tables.schema} note={`${table.layer} · ${text.tables.version} ${table.version} · ${text.rows(formatCount(table.rows))} · ${table.owner}`}>
        {table.inputs.length === 0 ? null : (
          <p class="muted">
            {text.tables.inputs}:{" "}
            {table.inputs.map((input, index) => (
              <span key={input}>{index === 0 ? "" : ", "}<Link to={pageAddress(view, `/tables/${encodeURIComponent(input)}`)}>{input}</Link></span>
            ))}
          </p>
        )}
        <Table
          caption={text.tables.schema} rows={table.columns}
          columns={[
            { name: "name", title: text.tables.column, cell: (column) => column.name },
            { name: "type", title: text.tables.type, cell: (column) => <code>{column.type}</code> },
            { name: "key", title: text.tables.key, cell: (column) => column.key ? text.tables.yes : "" },
            { name: "nullable", title: text.tables.nullable, cell: (column) => column.nullable ? text.tables.yes : text.tables.no },
            { name: "description", title: text.tables.description, wide: true, cell: (column) => column.description },
          ]}
        />
      </Section>
      {table.sql === null ? null : <Section title={text.tables.sql}><pre tabIndex={0}>{table.sql}</pre></Section>}
    </div>
  );
}
