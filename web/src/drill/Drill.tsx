// From a number to the rows that sum to it, and from a row to the line of the file it came from.
import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { compare, kZero } from "../amounts/decimal";
import { formatCount, formatDecimal, formatValueText } from "../amounts/format";
import { decimalOf, formatValue } from "../charts/metricText";
import type { DrillTarget } from "../charts/target";
import { text } from "../text/catalogue";
import { Cell, cellDigits, isMoney, isNumeric } from "../ui/Cell";
import { Drawer } from "../ui/Drawer";
import { Status } from "../ui/Page";
import { FailureBox, Skeleton } from "../ui/States";
import { Table, type TableColumn } from "../ui/Table";
import { measuredColumn, proofOf, sumsOf } from "./proof";
import { useTargetRows, type Column, type Row, type RowList } from "./rows";
import { Trace, type TraceQuestion } from "./Trace";

interface DrillProps {
  readonly target: DrillTarget;
  readonly onClose: () => void;
  readonly onFilter: ((target: DrillTarget) => void) | null;
}

export function DrillDrawer({ target, onClose, onFilter }: DrillProps) {
  const [traced, setTraced] = useState<TraceQuestion | null>(null);
  return (
    <Drawer title={traced === null ? target.label : text.drill.traceTitle} onClose={onClose}>
      {traced === null
        ? <TargetRows target={target} onTrace={setTraced} onFilter={onFilter} />
        : <Trace question={traced} onBack={() => setTraced(null)} />}
    </Drawer>
  );
}

interface TargetRowsProps {
  readonly target: DrillTarget;
  readonly onTrace: (question: TraceQuestion) => void;
  readonly onFilter: DrillProps["onFilter"];
}

function TargetRows({ target, onTrace, onFilter }: TargetRowsProps) {
  const list = useTargetRows(target);
  const unit = typeof target.value === "object" && target.value !== null ? target.value.currency : "";
  return (
    <>
      <p class="muted">
        {target.metric.title} · {text.releaseNumber(target.release)}
        {target.start === null || target.end === null ? "" : ` · ${text.panel.range(target.start, target.end)}`}
      </p>
      <div class="proof">
        <div>
          <span class="muted small">{text.drill.number}</span>
          <span class="figure-main" data-testid="drill-number">{formatValue(target.metric, unit, decimalOf(target.value))}</span>
        </div>
        {list.total === null ? null : <ProofOfRows target={target} list={list} total={list.total} />}
      </div>
      {onFilter === null || target.members.length === 0 ? null : (
        <div><button type="button" onClick={() => onFilter(target)}>{text.drill.filter}</button></div>
      )}
      <RowTable
        list={list} caption={text.drill.title} counted={measuredColumn(target.metric)}
        action={(row) => <TraceButton target={target} columns={list.columns} row={row} onTrace={onTrace} />}
      />
    </>
  );
}

function ProofOfRows({ target, list, total }: { target: DrillTarget; list: RowList; total: NonNullable<RowList["total"]> }) {
  const proof = proofOf(target.metric, target.value, total, list.columns, list.rows);
  const currency = typeof target.value === "object" && target.value !== null ? target.value.currency : "";
  const waits = proof === null && measuredColumn(target.metric) !== null && list.next !== null;
  return (
    <>
      {proof === null || proof.column === "" ? null : (
        <div>
          <span class="muted small">{text.drill.sum} · {proof.column}</span>
          <span class="figure-main" data-testid="drill-sum">{formatValue(target.metric, currency, proof.sum)}</span>
        </div>
      )}
      <div>
        <span class="muted small">{text.drill.count}</span>
        <span class="figure-main" data-testid="drill-count">{formatCount(total.rows)}</span>
      </div>
      <div class="verdict-line" data-testid="drill-proof">
        {proof === null ? <Status of="neutral" label={waits ? text.drill.loadAll : text.drill.noSum} />
          : compare(proof.difference, kZero) === 0
            ? <Status of="agrees" label={proof.column === "" ? text.drill.agreesCount : text.drill.agrees} />
            : <Status of="fail" label={text.drill.differs(formatValue(target.metric, currency, proof.difference, { signed: true }))} />}
      </div>
    </>
  );
}

function TraceButton({ target, columns, row, onTrace }: { target: DrillTarget; columns: readonly Column[]; row: Row; onTrace: TargetRowsProps["onTrace"] }) {
  const question = traceOf(target.metric.table, target.release, columns, row);
  if (question === null) return null;
  return (
    <button type="button" class="plain" aria-label={text.drill.traceRow} onClick={() => onTrace(question)}>{text.drill.trace}</button>
  );
}

/** A row is named by its key; a table without one cannot be traced by row. */
export function traceOf(table: string, release: number, columns: readonly Column[], row: Row): TraceQuestion | null {
  const filters: { column: string; value: string }[] = [];
  for (const [index, column] of columns.entries()) {
    if (!column.key) continue;
    const value = row[index];
    if (value === null || value === undefined) return null;
    filters.push({ column: column.name, value: isMoney(value) ? value.amount : String(value) });
  }
  return filters.length === 0 ? null : { table, release, filters };
}

interface RowTableProps {
  readonly list: RowList;
  readonly caption: string;
  readonly counted?: string | null; // a column of quantities that is summed beneath
  readonly action?: (row: Row) => ComponentChildren;
  readonly heads?: (column: Column) => Pick<TableColumn<Row>, "title" | "sorted">;
}

/** Rows as they are in the table, with the exact sum of those on the screen beneath. */
export function RowTable({ list, caption, counted = null, action, heads }: RowTableProps) {
  if (list.failure !== null && list.rows.length === 0) return <FailureBox failure={list.failure} onRetry={list.retry} />;
  if (list.total === null) return <Skeleton lines={8} />;
  const columns: TableColumn<Row>[] = list.columns.map((column, index) => {
    const digits = cellDigits(column, list.rows.map((row) => row[index]));
    return {
      name: column.name, title: column.name, label: column.name, numeric: isNumeric(column),
      cell: (row) => <Cell value={row[index]} column={column} digits={digits} />,
      ...heads?.(column),
    };
  });
  // First, so that it is in sight however many columns there are.
  if (action !== undefined) columns.unshift({ name: "-action", title: <span class="visually-hidden">{text.drill.trace}</span>, label: text.drill.trace, cell: action });
  const sums = sumsOf(list.columns, list.rows, counted);
  const foot = sums.length === 0 ? undefined : columns.map((column, index) => {
    const own = sums.filter((each) => each.column === column.name);
    if (own.length === 0) return index === 0 ? text.drill.shownSum : null;
    return own.map((each) => <div key={each.currency} data-testid={`sum-${each.column}-${each.currency}`}>{each.currency === "" ? formatDecimal(each.sum) : formatValueText(each.sum, each.currency)}</div>);
  });
  return (
    <>
      <Table caption={caption} columns={columns} rows={list.rows} foot={foot} />
      {list.failure === null ? null : <FailureBox failure={list.failure} onRetry={list.retry} />}
      <div class="pager">
        <span class="muted" role="status">{text.drill.shown(formatCount(list.rows.length), formatCount(list.total.rows))}</span>
        {list.next === null ? null : <button type="button" disabled={list.loading} onClick={list.more}>{text.more}</button>}
      </div>
    </>
  );
}
