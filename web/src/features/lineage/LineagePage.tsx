import { useState } from "preact/hooks";
import { api, unwrap, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { Link } from "../../ui/Link";
import { Page, Section } from "../../ui/Page";
import { Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { pageAddress, useView } from "../../view/view";
import { layered, related, type Placed } from "./layout";

type Lineage = Schemas["Lineage"];
type ColumnUse = Schemas["ColumnUse"];

export function LineagePage() {
  const view = useView();
  const lineage = useResource(`release:${view.release}:lineage`, (signal) =>
    unwrap(api.GET("/lineage", { params: { query: { release: view.release } }, signal })));
  return (
    <Page title={text.lineage.title} hint={text.releaseNumber(view.release)}>
      <Loaded of={lineage} height={400}>{(answer) => <Graph lineage={answer} />}</Loaded>
    </Page>
  );
}

const kColumn = 200;
const kRow = 56;
const kBoxWidth = 168;
const kBoxHeight = 40;
const kMargin = 16;
const kNameMax = 24;

function shortName(name: string): string {
  return name.length <= kNameMax ? name : `${name.slice(0, kNameMax - 1)}…`;
}

function Graph({ lineage }: { lineage: Lineage }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [asTable, setAsTable] = useState(false);
  const near = chosen === null ? null : related(chosen, lineage.edges);
  const nodes = lineage.nodes.filter((node) => near === null || near.has(node.name));
  const edges = lineage.edges.filter((edge) => near === null || (near.has(edge.from) && near.has(edge.to)));
  return (
    <>
      <div class="pager">
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>{text.panel.table}</button>
        {chosen === null ? null : (
          <>
            <button type="button" onClick={() => setChosen(null)}>{text.lineage.showAll}</button>
            <OpenTable name={chosen} />
          </>
        )}
      </div>
      <p class="summary" id="lineage-summary">
        {chosen === null ? text.lineage.summary(lineage.nodes.length, lineage.edges.length) : text.lineage.focus(chosen)}
      </p>
      {asTable ? (
        <Table
          caption={text.lineage.title} rows={edges}
          columns={[{ name: "from", title: text.lineage.from, cell: (edge) => edge.from }, { name: "to", title: text.lineage.to, cell: (edge) => edge.to }]}
        />
      ) : <Drawing nodes={nodes} edges={edges} chosen={chosen} onChoose={setChosen} />}
      {chosen === null ? null : <Columns table={chosen} known={new Set(lineage.nodes.map((node) => node.name))} onChoose={setChosen} />}
    </>
  );
}

interface ColumnsProps {
  readonly table: string;
  readonly known: ReadonlySet<string>;
  readonly onChoose: (name: string | null) => void;
}

/** What each column of a table is made of, and what is made of it. */
function Columns({ table, known, onChoose }: ColumnsProps) {
  const view = useView();
  const found = useResource(`lineage:${view.projectEdits}:${table}`, (signal) =>
    unwrap(api.GET("/lineage/{table}", { params: { path: { table } }, signal })));
  const uses = (all: readonly ColumnUse[]) => all.map((each) => (
    <div key={`${each.table}.${each.column} ${each.use}`}>
      {known.has(each.table) ? <button type="button" class="plain" onClick={() => onChoose(each.table)}>{each.table}</button> : each.table}
      .{each.column} <span class="muted small">{text.lineage.uses[each.use] ?? each.use}</span>
    </div>
  ));
  return (
    <Section title={text.lineage.columns(table)} note={text.lineage.columnsHint}>
      <Loaded of={found} height={240}>
        {(answer) => (
          <>
            <Table
              caption={text.lineage.columns(table)} rows={answer.columns}
              columns={[
                { name: "column", title: text.lineage.column, cell: (row) => row.name },
                { name: "inputs", title: text.lineage.madeOf, cell: (row) => uses(row.inputs) },
                { name: "outputs", title: text.lineage.makes, cell: (row) => uses(row.outputs) },
              ]}
            />
            {answer.rows.length === 0 ? null : <><h3>{text.lineage.rowsBy}</h3>{uses(answer.rows)}</>}
            {answer.complete ? null : <p class="note">{text.lineage.notAll}</p>}
          </>
        )}
      </Loaded>
    </Section>
  );
}

function OpenTable({ name }: { name: string }) {
  const view = useView();
  return <Link to={pageAddress(view, `/tables/${encodeURIComponent(name)}`)}>{text.lineage.open}</Link>;
}

function cornerOf(place: Placed): { x: number; y: number } {
  return { x: kMargin + place.column * kColumn, y: kMargin + place.row * kRow };
}

/** Bends between the columns and runs straight through them. */
function edgePath(way: readonly Placed[]): string {
  const parts: string[] = [];
  way.slice(0, -1).forEach((place, index) => {
    const from = cornerOf(place);
    const to = cornerOf(way[index + 1] ?? place);
    const [x1, y1, x2, y2] = [from.x + kBoxWidth, from.y + kBoxHeight / 2, to.x, to.y + kBoxHeight / 2];
    const bend = (x1 + x2) / 2;
    parts.push(index === 0 ? `M${x1} ${y1}` : `H${x1}`, `C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`);
  });
  return parts.join("");
}

interface DrawingProps {
  readonly nodes: Lineage["nodes"];
  readonly edges: Lineage["edges"];
  readonly chosen: string | null;
  readonly onChoose: (name: string | null) => void;
}

function Drawing({ nodes, edges, chosen, onChoose }: DrawingProps) {
  const { placed, ways } = layered(nodes.map((node) => node.name), edges);
  const at = new Map(placed.map((place) => [place.name, cornerOf(place)]));
  const all = [...placed, ...ways.flat()];
  const width = Math.max(0, ...all.map((place) => place.column)) * kColumn + kBoxWidth + 2 * kMargin;
  const height = Math.max(0, ...all.map((place) => place.row)) * kRow + kBoxHeight + 2 * kMargin;
  const press = (event: KeyboardEvent, name: string): void => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onChoose(name === chosen ? null : name);
  };
  return (
    <div class="lineage" tabIndex={0} role="region" aria-label={text.lineage.graph}>
      <svg width={width} height={height} role="group" aria-label={text.lineage.title} aria-describedby="lineage-summary">
        {ways.map((way, index) => <path key={index} class="edge" d={edgePath(way)} />)}
        {nodes.map((node) => {
          const place = at.get(node.name) ?? { x: 0, y: 0 };
          return (
            <g
              key={node.name} class={node.name === chosen ? "node chosen" : "node"} role="button" tabIndex={0} aria-pressed={node.name === chosen}
              aria-label={`${node.name}, ${node.layer}, ${text.rows(formatCount(node.rows))}`}
              transform={`translate(${place.x} ${place.y})`}
              onClick={() => onChoose(node.name === chosen ? null : node.name)} onKeyDown={(event) => press(event, node.name)}
            >
              <title>{node.name}</title>
              <rect width={kBoxWidth} height={kBoxHeight} rx="2" />
              <text x="8" y="17">{shortName(node.name)}</text>
              <text x="8" y="32" class="layer">{node.layer} · {text.rows(formatCount(node.rows))}</text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
