import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { text } from "../text/catalogue";

export interface TableColumn<Row> {
  readonly name: string;
  readonly title: ComponentChildren;
  readonly label?: string; // beside the value where rows become cards; default: `title` when it is text
  readonly numeric?: boolean;
  readonly wide?: boolean; // may break into lines
  readonly sorted?: "ascending" | "descending" | undefined;
  readonly cell: (row: Row, index: number) => ComponentChildren;
}

interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly foot?: readonly ComponentChildren[] | undefined; // one per column
  readonly rowClass?: ((row: Row) => string | undefined) | undefined;
}

function labelOf<Row>(column: TableColumn<Row>): string {
  return column.label ?? (typeof column.title === "string" ? column.title : column.name);
}

function classOf<Row>(column: TableColumn<Row>): string | undefined {
  return column.numeric === true ? "num" : column.wide === true ? "wide" : undefined;
}

interface OneRowProps<Row> extends Pick<TableProps<Row>, "columns" | "rowClass"> {
  readonly row: Row;
  readonly index: number;
  readonly place?: number; // among all rows, the heads being 1
}

function OneRow<Row>({ row, index, columns, rowClass, place }: OneRowProps<Row>) {
  return (
    <tr role="row" class={rowClass?.(row)} aria-rowindex={place}>
      {columns.map((column) => (
        <td key={column.name} role="cell" class={classOf(column)} data-label={labelOf(column)}>
          {column.cell(row, index)}
        </td>
      ))}
    </tr>
  );
}

// A page with more rows than this would answer slowly: then only those near what is seen are there, the others
// are empty space of the same height.
const kWholeMax = 2000;
const kChunk = 100;
const kNearPixels = 1500;
const kRowPixels = 27; // until a chunk was seen

function Chunks<Row>({ rows, columns, rowClass }: Pick<TableProps<Row>, "rows" | "columns" | "rowClass">) {
  const [near, setNear] = useState<ReadonlySet<number>>(new Set([0]));
  const heights = useRef(new Map<number, number>());
  const bodies = useRef(new Map<number, HTMLElement>());
  const count = Math.ceil(rows.length / kChunk);
  useEffect(() => {
    const places = new Map([...bodies.current].map(([place, body]) => [body, place]));
    const first = bodies.current.get(0);
    const observer = new IntersectionObserver((entries) => setNear((before) => {
      const after = new Set(before);
      for (const entry of entries) {
        const place = places.get(entry.target as HTMLElement);
        if (place === undefined) continue;
        if (entry.isIntersecting) after.add(place);
        else after.delete(place);
      }
      return after;
    }), { root: first?.closest("dialog") ?? null, rootMargin: `${kNearPixels}px 0px` });
    for (const body of places.keys()) observer.observe(body);
    return () => observer.disconnect();
  }, [count]);
  useEffect(() => {
    for (const place of near) {
      const body = bodies.current.get(place);
      if (body !== undefined && body.dataset["near"] === "true") heights.current.set(place, body.getBoundingClientRect().height);
    }
  });
  const seen = heights.current.get(0) ?? kChunk * kRowPixels;
  return (
    <>
      {Array.from({ length: count }, (_, place) => {
        const from = place * kChunk;
        const own = Math.min(kChunk, rows.length - from);
        const keep = (body: HTMLElement | null): void => {
          if (body === null) bodies.current.delete(place);
          else bodies.current.set(place, body);
        };
        return (
          <tbody key={place} role="rowgroup" ref={keep} data-near={near.has(place)}>
            {near.has(place)
              ? rows.slice(from, from + own).map((row, index) => (
                <OneRow key={index} row={row} index={from + index} columns={columns} rowClass={rowClass} place={from + index + 2} />
              ))
              : <tr aria-hidden="true" class="space" style={{ height: `${heights.current.get(place) ?? (seen / kChunk) * own}px` }}><td colSpan={columns.length} /></tr>}
          </tbody>
        );
      })}
    </>
  );
}

// The roles are said again because the narrow layout changes `display`, which takes them away.
export function Table<Row>({ caption, columns, rows, foot, rowClass }: TableProps<Row>) {
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label={caption}>
      <table role="table" aria-rowcount={rows.length > kWholeMax ? rows.length + (foot === undefined ? 1 : 2) : undefined}>
        <caption class="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.name} scope="col" role="columnheader" class={classOf(column)} aria-sort={column.sorted}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        {rows.length > kWholeMax ? <Chunks rows={rows} columns={columns} rowClass={rowClass} /> : (
          <tbody role="rowgroup">
            {rows.length > 0 ? null : (
              <tr role="row"><td role="cell" class="none" colSpan={columns.length}>{text.states.emptyTable}</td></tr>
            )}
            {rows.map((row, index) => <OneRow key={index} row={row} index={index} columns={columns} rowClass={rowClass} />)}
          </tbody>
        )}
        {foot === undefined ? null : (
          <tfoot role="rowgroup">
            <tr role="row">
              {columns.map((column, index) => (
                <td key={column.name} role="cell" class={classOf(column)} data-label={labelOf(column)}>
                  {foot[index]}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}
