// From a number to the rows that sum to it, and from a row to the line of the file it came from.
import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { compare, kZero } from "../amounts/decimal";
import { formatCount, formatDecimal, formatValueText } from "../amounts/format";
import { decimalOf, formatValue } from "../charts/metricText";
import type { ChangeSides, DrillTarget } from "../charts/target";
import { text } from "../text/catalogue";
import { Cell, isMoney, isNumeric } from "../ui/Cell";
import { Drawer } from "../ui/Drawer";
import { Status } from "../ui/Page";
import { FailureBox, Skeleton } from "../ui/States";
import { Table, type TableColumn } from "../ui/Table";
import { changeVerdict, measuredColumn, proofOf, type Proof } from "./proof";
import { kRowsShownMax, useTargetRows, type Column, type Row, type RowList } from "./rows";
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
        ? target.sides === undefined
          ? <TargetRows target={target} onTrace={setTraced} onFilter={onFilter} />
          : <ChangeRows target={target} sides={target.sides} onTrace={setTraced} onFilter={onFilter} />
        : <Trace question={traced} onBack={() => setTraced(null)} />}
    </Drawer>
  );
}

interface TargetRowsProps {
  readonly target: DrillTarget;
  readonly onTrace: (question: TraceQuestion) => void;
  readonly onFilter: DrillProps["onFilter"];
}

function currencyOfTarget(target: DrillTarget): string {
  return typeof target.value === "object" && target.value !== null ? target.value.currency : "";
}

function valueOf(target: DrillTarget, signed = false): string {
  return formatValue(target.metric, currencyOfTarget(target), decimalOf(target.value), { signed });
}

function TargetRows({ target, onTrace, onFilter }: TargetRowsProps) {
  const list = useTargetRows(target);
  return (
    <>
      <Subject target={target} />
      <div class="proof">
        <Part name={text.drill.number} testid="drill-number" shown={valueOf(target)} />
        {list.total === null ? null : <ProofOfRows target={target} list={list} total={list.total} />}
      </div>
      <FilterButton target={target} onFilter={onFilter} />
      <RowsOfTarget target={target} list={list} onTrace={onTrace} />
    </>
  );
}

/** Both numbers that a change is the difference of, each with its rows. */
function ChangeRows({ target, sides, onTrace, onFilter }: TargetRowsProps & { readonly sides: ChangeSides }) {
  const lists = { actual: useTargetRows(sides.actual), compared: useTargetRows(sides.compared) };
  const [side, setSide] = useState<"actual" | "compared">("actual");
  const [shown, list] = [sides[side], lists[side]];
  const names = { actual: sides.actualName, compared: sides.comparedName };
  return (
    <>
      <Subject target={shown} />
      <div class="proof">
        <Part name={text.panel.change} testid="drill-number" shown={valueOf(target, true)} />
        <Part name={names.actual} testid="drill-actual" shown={valueOf(sides.actual)} />
        <Part name={names.compared} testid="drill-compared" shown={valueOf(sides.compared)} />
        <ProofOfChange target={target} sides={sides} lists={lists} />
      </div>
      <div class="pager" role="group" aria-label={text.drill.sides}>
        {(["actual", "compared"] as const).map((each) => (
          <button key={each} type="button" aria-pressed={side === each} onClick={() => setSide(each)}>{text.drill.rowsOf(names[each])}</button>
        ))}
      </div>
      <div class="proof">{list.total === null ? null : <ProofOfRows target={shown} list={list} total={list.total} />}</div>
      <FilterButton target={target} onFilter={onFilter} />
      <RowsOfTarget target={shown} list={list} onTrace={onTrace} />
    </>
  );
}

function ProofOfChange({ target, sides, lists }: { target: DrillTarget; sides: ChangeSides; lists: { actual: RowList; compared: RowList } }) {
  const proof = (side: DrillTarget, list: RowList): Proof | null =>
    list.total === null ? null : proofOf(side.metric, side.value, list.total, list.rows.length, list.sumsOf(measuredColumn(side.metric)));
  const { verdict, difference } = changeVerdict(
    target.value, [sides.actual.value, sides.compared.value], [proof(sides.actual, lists.actual), proof(sides.compared, lists.compared)],
  );
  if (lists.actual.total === null || lists.compared.total === null) return null;
  const label = verdict === "agrees" ? text.drill.agreesChange
    : verdict === "differs" ? text.drill.differs(formatValue(target.metric, currencyOfTarget(target), difference, { signed: true }))
    : measuredColumn(target.metric) === null ? text.drill.noSum : text.drill.loadAll;
  const status = verdict === "agrees" ? "agrees" : verdict === "differs" ? "fail" : "neutral";
  return <div class="verdict-line" data-testid="drill-change"><Status of={status} label={label} /></div>;
}

function Subject({ target }: { target: DrillTarget }) {
  return (
    <p class="muted">
      {target.metric.title} · {text.releaseNumber(target.release)}
      {target.start === null || target.end === null ? "" : ` · ${text.panel.range(target.start, target.end)}`}
    </p>
  );
}

function Part({ name, testid, shown }: { name: string; testid: string; shown: string }) {
  return (
    <div>
      <span class="muted small">{name}</span>
      <span class="figure-main" data-testid={testid}>{shown}</span>
    </div>
  );
}

function FilterButton({ target, onFilter }: Pick<TargetRowsProps, "target" | "onFilter">) {
  if (onFilter === null || target.members.length === 0) return null;
  return <div><button type="button" onClick={() => onFilter(target)}>{text.drill.filter}</button></div>;
}

function RowsOfTarget({ target, list, onTrace }: Pick<TargetRowsProps, "target" | "onTrace"> & { readonly list: RowList }) {
  return (
    <RowTable
      list={list} caption={text.drill.title} counted={measuredColumn(target.metric)}
      action={(row) => <TraceButton target={target} columns={list.columns} row={row} onTrace={onTrace} />}
    />
  );
}

function ProofOfRows({ target, list, total }: { target: DrillTarget; list: RowList; total: NonNullable<RowList["total"]> }) {
  const proof = proofOf(target.metric, target.value, total, list.rows.length, list.sumsOf(measuredColumn(target.metric)));
  const currency = currencyOfTarget(target);
  const waits = proof === null && measuredColumn(target.metric) !== null && list.next !== null;
  return (
    <>
      {proof === null || proof.column === "" ? null : (
        <Part name={`${text.drill.sum} · ${proof.column}`} testid="drill-sum" shown={formatValue(target.metric, currency, proof.sum)} />
      )}
      <Part name={text.drill.count} testid="drill-count" shown={formatCount(total.rows)} />
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
    const digits = list.digits[index];
    return {
      name: column.name, title: column.name, label: column.name, numeric: isNumeric(column),
      cell: (row) => <Cell value={row[index]} column={column} digits={digits} />,
      ...heads?.(column),
    };
  });
  // First, so that it is in sight however many columns there are.
  if (action !== undefined) columns.unshift({ name: "-action", title: <span class="visually-hidden">{text.drill.trace}</span>, label: text.drill.trace, cell: action });
  const sums = list.sumsOf(counted);
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
        {list.next === null || list.loadingAll ? null : <button type="button" disabled={list.loading} onClick={list.more}>{text.more}</button>}
        {list.next === null || list.loadingAll || list.total.rows > kRowsShownMax ? null : (
          <button type="button" disabled={list.loading} onClick={list.all}>{text.drill.all}</button>
        )}
        {list.loadingAll ? <progress max={list.total.rows} value={list.rows.length} aria-label={text.loading} /> : null}
      </div>
    </>
  );
}
