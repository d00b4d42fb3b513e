import { useState } from "preact/hooks";
import { api, unwrap, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { parseDecimal, subtract, toText } from "../../amounts/decimal";
import { formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { Amount } from "../../ui/Cell";
import { Link } from "../../ui/Link";
import { Moment } from "../../ui/Moment";
import { Page, Section, Status } from "../../ui/Page";
import { Loaded } from "../../ui/States";
import { Table, type TableColumn } from "../../ui/Table";
import { pageAddress, useView } from "../../view/view";

type Release = Schemas["Release"];
type Diff = Schemas["Diff"];
type PartitionDiff = Schemas["PartitionDiff"];
type DiffMoney = Schemas["DiffMoney"];

export function ReleasePage({ number }: { number: number }) {
  const view = useView();
  const release = useResource(`release:${number}:facts`, (signal) =>
    unwrap(api.GET("/releases/{number}", { params: { path: { number } }, signal })));
  return (
    <Page
      title={text.releaseNumber(number)}
      actions={<Link to={pageAddress(view, "/", { release: number === view.latest ? null : number })}>{text.releases.show}</Link>}
    >
      <Loaded of={release} height={200}>{(facts) => <Facts release={facts} />}</Loaded>
      <DiffSection number={number} />
      <Loaded of={release} height={300}>{(facts) => <Contents release={facts} />}</Loaded>
    </Page>
  );
}

function Facts({ release }: { release: Release }) {
  const view = useView();
  return (
    <dl class="facts spaced-after">
      <dt>{text.releases.status}</dt><dd><Status of={release.status} /></dd>
      <dt>{text.releases.when}</dt><dd><Moment at={release.created_at} /></dd>
      <dt>{text.releases.who}</dt><dd>{release.user}</dd>
      <dt>{text.releases.what}</dt><dd>{release.summary}</dd>
      <dt>{text.runs.title}</dt><dd><Link to={pageAddress(view, `/runs/${encodeURIComponent(release.run_id)}`)}>{release.run_id}</Link></dd>
    </dl>
  );
}

function DiffSection({ number }: { number: number }) {
  const [base, setBase] = useState(number - 1);
  const diff = useResource(`release:${number}:diff:${base}`, (signal) =>
    unwrap(api.GET("/releases/{number}/diff", { params: { path: { number }, query: { base } }, signal })));
  const bases = Array.from({ length: number }, (_, index) => number - 1 - index);
  return (
    <Section title={text.releases.diff}>
      <label>
        {text.releases.against}
        <select value={base} onChange={(event) => setBase(Number(event.currentTarget.value))}>
          {bases.map((each) => <option key={each} value={each}>{each === 0 ? text.releases.empty : each}</option>)}
        </select>
      </label>
      <Loaded of={diff} height={300}>{(answer) => <DiffTables diff={answer} />}</Loaded>
    </Section>
  );
}

function DiffTables({ diff }: { diff: Diff }) {
  if (diff.tables.length === 0) return <p class="muted">{text.releases.noChanges}</p>;
  return (
    <>
      {diff.tables.map((table) => (
        <div key={table.table} class="spaced">
          <h3>{table.table} <span class="muted small">{table.layer}{table.logic_changed ? ` · ${text.releases.logicChanged}` : ""}</span></h3>
          <Table
            caption={table.table} columns={diffColumns()}
            rows={[...table.partitions, table.total]} rowClass={(row) => (row === table.total ? "total" : undefined)}
          />
        </div>
      ))}
    </>
  );
}

function diffColumns(): TableColumn<PartitionDiff>[] {
  const amounts = (name: string, title: string, pick: (money: DiffMoney) => Schemas["Money"]): TableColumn<PartitionDiff> => ({
    name, title, numeric: true,
    cell: (row) => row.money.map((money) => <div key={money.currency}><Amount money={pick(money)} signed={name !== "before" && name !== "after"} /></div>),
  });
  const change = (money: DiffMoney): Schemas["Money"] => {
    const [before, after] = [parseDecimal(money.before.amount), parseDecimal(money.after.amount)];
    return { amount: before === null || after === null ? "" : toText(subtract(after, before)), currency: money.currency };
  };
  const rows = (row: PartitionDiff): string =>
    [row.rows_added > 0 ? `+${formatCount(row.rows_added)}` : "", row.rows_removed > 0 ? `−${formatCount(row.rows_removed)}` : "", row.rows_changed > 0 ? `~${formatCount(row.rows_changed)}` : ""]
      .filter((part) => part !== "").join(" ");
  return [
    { name: "partition", title: text.releases.partition, cell: (row) => row.partition === "" ? text.panel.total : row.partition },
    { name: "rows", title: `${text.releases.rows} + − ~`, label: text.releases.rows, numeric: true, cell: rows },
    amounts("before", text.releases.before, (money) => money.before),
    amounts("after", text.releases.after, (money) => money.after),
    amounts("change", text.panel.change, change),
    amounts("added", text.releases.added, (money) => money.added),
    amounts("removed", text.releases.removed, (money) => money.removed),
    amounts("changed", text.releases.changed, (money) => money.changed),
    { name: "causes", title: text.releases.causes, wide: true, cell: (row) => Object.entries(row.causes).map(([name, count]) => text.releases.cause(name, count)).join(", ") },
  ];
}

function Contents({ release }: { release: Release }) {
  const view = useView();
  return (
    <>
      <Section title={text.releases.tables}>
        <Table
          caption={text.releases.tables} rows={release.tables}
          columns={[
            { name: "name", title: text.releases.table, cell: (table) => <Link to={pageAddress(view, `/tables/${encodeURIComponent(table.name)}`, { release: release.number })}>{table.name}</Link> },
            { name: "layer", title: text.tables.layer, cell: (table) => table.layer },
            { name: "rows", title: text.releases.rows, numeric: true, cell: (table) => formatCount(table.rows) },
            { name: "version", title: text.releases.version, numeric: true, cell: (table) => table.version },
            { name: "changed", title: text.releases.changed, cell: (table) => table.changed ? text.releases.tableChanged : "" },
            { name: "code", title: text.tables.sql, cell: (table) => <code>{table.code_hash.slice(0, 12)}</code> },
          ]}
        />
      </Section>
      <div class="columns">
        <Section title={text.releases.gates}>
          <Table
            caption={text.releases.gates} rows={release.gates}
            columns={[
              { name: "gate", title: text.releases.gate, wide: true, cell: (gate) => gate.name },
              { name: "table", title: text.releases.table, cell: (gate) => gate.table },
              { name: "status", title: text.releases.status, cell: (gate) => <Status of={gate.status} label={text.quality.status[gate.status]} /> },
              { name: "failures", title: text.releases.failures, numeric: true, cell: (gate) => formatCount(gate.failures) },
            ]}
          />
        </Section>
        <Section title={text.releases.sources}>
          <Table
            caption={text.releases.sources} rows={release.sources}
            columns={[
              { name: "name", title: text.quality.source, cell: (source) => source.name },
              { name: "files", title: text.releases.files, numeric: true, cell: (source) => formatCount(source.files) },
            ]}
          />
        </Section>
      </div>
    </>
  );
}
