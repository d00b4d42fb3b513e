import type { ComponentChildren } from "preact";
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
  readonly rowClass?: (row: Row) => string | undefined;
}

function labelOf<Row>(column: TableColumn<Row>): string {
  return column.label ?? (typeof column.title === "string" ? column.title : column.name);
}

// The roles are said again because the narrow layout changes `display`, which takes them away.
export function Table<Row>({ caption, columns, rows, foot, rowClass }: TableProps<Row>) {
  const classOf = (column: TableColumn<Row>): string | undefined =>
    column.numeric === true ? "num" : column.wide === true ? "wide" : undefined;
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label={caption}>
      <table role="table">
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
        <tbody role="rowgroup">
          {rows.length > 0 ? null : (
            <tr role="row"><td role="cell" class="none" colSpan={columns.length}>{text.states.emptyTable}</td></tr>
          )}
          {rows.map((row, index) => (
            <tr role="row" key={index} class={rowClass?.(row)}>
              {columns.map((column) => (
                <td key={column.name} role="cell" class={classOf(column)} data-label={labelOf(column)}>
                  {column.cell(row, index)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
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
