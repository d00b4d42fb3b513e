// One case: what was found, the rows behind it beside each other, what people did, and what they can
// do now.
import { useState } from "preact/hooks";
import { api, Failure, unwrap, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { parseDecimal } from "../../amounts/decimal";
import { formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { Amount, Cell } from "../../ui/Cell";
import { Link } from "../../ui/Link";
import { Moment } from "../../ui/Moment";
import { Page, Section, Status } from "../../ui/Page";
import { FailureBox, Loaded } from "../../ui/States";
import { Table, type TableColumn } from "../../ui/Table";
import { memberFilter } from "../../view/urlState";
import { pageAddress, useView } from "../../view/view";
import { actionLabel, formatScore, stateLabel } from "./words";

type Case = Schemas["Case"];
type CaseDetail = Schemas["CaseDetail"];
type Evidence = Schemas["CaseEvidence"];
type CaseAction = Schemas["CaseAction"];

const kSideBySideMax = 4;

export function CasePage({ id }: { id: number }) {
  const [changes, setChanges] = useState(0);
  const detail = useResource(`case:${id}:${changes}`, (signal) =>
    unwrap(api.GET("/cases/{id}", { params: { path: { id } }, signal })));
  return (
    <Page title={text.cases.numbered(id)} hint={detail.data?.case.title}>
      <Loaded of={detail} height={400}>
        {(answer) => <Detail detail={answer} onChange={() => setChanges((count) => count + 1)} />}
      </Loaded>
    </Page>
  );
}

function Detail({ detail, onChange }: { detail: CaseDetail; onChange: () => void }) {
  return (
    <>
      <Facts item={detail.case} />
      <Actions item={detail.case} onChange={onChange} />
      {detail.evidence.map((evidence) => (
        <EvidenceSection
          key={`${evidence.detector}/${evidence.finding_key}`} evidence={evidence}
          finding={detail.findings.find((each) => each.detector === evidence.detector && each.key === evidence.finding_key)}
        />
      ))}
      <History detail={detail} />
    </>
  );
}

function Facts({ item }: { item: Case }) {
  const view = useView();
  return (
    <dl class="facts spaced-after">
      <dt>{text.cases.state}</dt><dd><Status of={item.state} label={stateLabel(item.state)} /></dd>
      <dt>{text.cases.subject}</dt><dd>{item.subject_type} {item.subject_id}</dd>
      <dt>{text.cases.score}</dt><dd>{formatScore(item.score)}</dd>
      {item.money.map((money) => (
        <>
          <dt>{text.cases.atRisk}</dt><dd><Amount money={money.at_risk} /></dd>
          {money.confirmed === null ? null : <><dt>{text.cases.confirmed}</dt><dd><Amount money={money.confirmed} /></dd></>}
          {money.confirmed === null && !isSome(money.recovered) ? null : <><dt>{text.cases.recovered}</dt><dd><Amount money={money.recovered} /></dd></>}
        </>
      ))}
      {item.owner === null ? null : <><dt>{text.cases.owner}</dt><dd>{item.owner}</dd></>}
      <dt>{text.cases.opened}</dt>
      <dd><Moment at={item.opened_at} /> · <Link to={pageAddress(view, `/releases/${item.first_release}`)}>{text.releaseNumber(item.first_release)}</Link></dd>
      {item.grown ? <><dt>{text.cases.note}</dt><dd>{text.cases.grown}</dd></> : null}
      {item.cleared ? <><dt>{text.cases.note}</dt><dd>{text.cases.cleared}</dd></> : null}
      {item.merged_into === null ? null : (
        <><dt>{text.cases.note}</dt><dd><Link to={pageAddress(view, `/cases/${item.merged_into}`)}>{text.cases.mergedInto(item.merged_into)}</Link></dd></>
      )}
    </dl>
  );
}

function isSome(money: Schemas["Money"]): boolean {
  return (parseDecimal(money.amount)?.units ?? 0n) !== 0n;
}

/** What a state allows, in the order people do it. The server decides; this only leaves out what it would refuse. */
const kAllowed: Record<Case["state"], readonly CaseAction["action"][]> = {
  new: ["assign", "confirm", "dismiss", "comment"],
  suppressed: ["assign", "confirm", "dismiss", "comment"],
  assigned: ["assign", "confirm", "dismiss", "comment"],
  confirmed: ["recover", "confirm", "assign", "dismiss", "reopen", "comment"],
  dismissed: ["dismiss", "reopen", "comment"],
  recovered: ["reopen", "comment"],
  merged: [],
};
const kNeedsNote: ReadonlySet<string> = new Set(["dismiss", "comment", "reopen"]);
const kTakesAmount: ReadonlySet<string> = new Set(["confirm", "recover"]);

interface Sum {
  readonly amount: string; // "" is all of it
  readonly currency: string;
  readonly force: boolean;
}

/** As it is written, with or without separators of thousands. */
function plain(amount: string): string {
  return amount.trim().replaceAll(",", "");
}

function isAmount(amount: string): boolean {
  const value = parseDecimal(plain(amount));
  return amount.trim() === "" || (value !== null && value.units !== 0n);
}

/** Takes back what was recorded as recovered. */
function isBelowZero(amount: string): boolean {
  return (parseDecimal(plain(amount))?.units ?? 0n) < 0n;
}

/** Whether an action that takes an amount takes this one, with this note. */
function takes(action: CaseAction["action"], item: Case, amount: string, note: string): boolean {
  if (!isAmount(amount)) return false;
  if (isBelowZero(amount)) return action === "recover" && note.trim() !== "";
  return action === "confirm" || kAllowed[item.state].includes("recover");
}

/** Less, or with consent more, than the whole amount that a case is about. */
function SumFields({ currencies, sum, onChange }: { currencies: readonly string[]; sum: Sum; onChange: (next: Sum) => void }) {
  return (
    <>
      <label>
        {text.cases.howMuch(sum.currency)}
        <input
          value={sum.amount} inputMode="decimal" placeholder={text.cases.allOfIt} aria-invalid={!isAmount(sum.amount)}
          onInput={(event) => onChange({ ...sum, amount: event.currentTarget.value })}
        />
      </label>
      {currencies.length < 2 ? null : (
        <label>
          {text.panel.currency}
          <select value={sum.currency} onChange={(event) => onChange({ ...sum, currency: event.currentTarget.value })}>
            {currencies.map((each) => <option key={each} value={each}>{each}</option>)}
          </select>
        </label>
      )}
      {sum.amount.trim() === "" ? null : (
        <label class="check">
          <input type="checkbox" checked={sum.force} onChange={(event) => onChange({ ...sum, force: event.currentTarget.checked })} />
          {text.cases.force}
        </label>
      )}
    </>
  );
}

function Actions({ item, onChange }: { item: Case; onChange: () => void }) {
  const [note, setNote] = useState("");
  const [owner, setOwner] = useState(item.owner ?? "");
  const [teach, setTeach] = useState<NonNullable<CaseAction["teach"]>>("nothing");
  const currencies = item.money.map((money) => money.at_risk.currency);
  const whole: Sum = { amount: "", currency: currencies[0] ?? "", force: false };
  const [sum, setSum] = useState(whole);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  // What was dismissed is dismissed once more after more money came.
  const usual = kAllowed[item.state].filter((action) => item.state !== "dismissed" || action !== "dismiss" || item.grown);
  // Money that never came can be taken back in every state.
  const takesBack = !usual.includes("recover") && item.money.some((money) => isSome(money.recovered));
  const allowed: readonly CaseAction["action"][] = takesBack ? ["recover", ...usual] : usual;
  const act = (action: CaseAction["action"]): void => {
    setBusy(true);
    setFailure(null);
    const body: CaseAction = {
      action, ...(note === "" ? {} : { note }), ...(action === "assign" ? { owner } : {}),
      ...(action === "dismiss" ? { teach } : {}),
      ...(kTakesAmount.has(action) && sum.amount.trim() !== ""
        ? { amount: { amount: plain(sum.amount), currency: sum.currency }, force: sum.force } : {}),
    };
    unwrap(api.POST("/cases/{id}/actions", { params: { path: { id: item.id } }, body })).then(
      () => {
        setBusy(false);
        setNote("");
        setSum(whole);
        onChange();
      },
      (cause: unknown) => {
        setBusy(false);
        setFailure(cause instanceof Failure ? cause : new Failure(0, "", String(cause), null));
      },
    );
  };
  if (allowed.length === 0) return null;
  return (
    <Section title={text.cases.work}>
      <div class="toolbar-form">
        {allowed.includes("assign") ? (
          <label>{text.cases.owner}<input value={owner} onInput={(event) => setOwner(event.currentTarget.value)} /></label>
        ) : null}
        <label>{text.cases.note}<input value={note} onInput={(event) => setNote(event.currentTarget.value)} /></label>
        {currencies.length > 0 && allowed.some((action) => kTakesAmount.has(action))
          ? <SumFields currencies={currencies} sum={sum} onChange={setSum} /> : null}
        {allowed.includes("dismiss") ? (
          <label>
            {text.cases.teach}
            <select value={teach} onChange={(event) => setTeach(event.currentTarget.value as NonNullable<CaseAction["teach"]>)}>
              <option value="nothing">{text.cases.teaches.nothing}</option>
              <option value="subject">{text.cases.teaches.subject}</option>
              <option value="finding">{text.cases.teaches.finding}</option>
            </select>
          </label>
        ) : null}
        {allowed.map((action) => (
          <button
            key={action} type="button"
            disabled={busy || (kNeedsNote.has(action) && note.trim() === "") || (kTakesAmount.has(action) && !takes(action, item, sum.amount, note)) || (action === "assign" && owner.trim() === "")}
            onClick={() => act(action)}
          >
            {actionLabel(action)}
          </button>
        ))}
      </div>
      {isAmount(sum.amount) ? null : <p class="note" role="alert">{text.cases.notAnAmount}</p>}
      <p class="muted small">{text.cases.needsNote}</p>
      {failure === null ? null : <FailureBox failure={failure} />}
    </Section>
  );
}

function EvidenceSection({ evidence, finding }: { evidence: Evidence; finding: Schemas["CaseFinding"] | undefined }) {
  const shown = evidence.rows.filter((row) => row.cells !== null);
  const title = finding?.title ?? evidence.detector;
  return (
    <Section title={title} note={finding === undefined ? undefined : text.cases.proves(formatScore(finding.weight), formatScore(finding.strength))}>
      {finding === undefined ? null : <p>{finding.reason}</p>}
      {shown.length > 0 && shown.length <= kSideBySideMax ? <SideBySide evidence={evidence} title={title} /> : <Rows evidence={evidence} title={title} />}
      <Places evidence={evidence} />
      {evidence.row_count > evidence.rows.length ? (
        <p class="muted small">{text.cases.firstRows(formatCount(evidence.rows.length), formatCount(evidence.row_count))}</p>
      ) : null}
    </Section>
  );
}

/** Links to the rows in their table, from where a trace leads to the file's line. */
function Places({ evidence }: { evidence: Evidence }) {
  const view = useView();
  const { table, key } = evidence;
  if (table === null || key === null) return null;
  return (
    <p class="small">
      {text.cases.openIn(table)}{" "}
      {evidence.rows.slice(0, kSideBySideMax).map((row) => (
        <>
          <Link to={pageAddress(view, `/tables/${encodeURIComponent(table)}`, { release: evidence.release, filters: [memberFilter(key, row.row_id)] })}>
            {row.row_id}
          </Link>{" "}
        </>
      ))}
    </p>
  );
}

type EvidenceRow = Evidence["rows"][number];

function roleLabel(row: EvidenceRow): string {
  return `${text.cases.roles[row.role]} ${row.row_id}`;
}

/** Few rows stand beside each other, so that what differs is seen. */
function SideBySide({ evidence, title }: { evidence: Evidence; title: string }) {
  const rows = evidence.columns.map((column, index) => ({ column, index }));
  const differs = (index: number): boolean =>
    new Set(evidence.rows.map((row) => JSON.stringify(row.cells?.[index] ?? null))).size > 1;
  const columns: TableColumn<(typeof rows)[number]>[] = [
    { name: "column", title: text.cases.column, cell: (row) => differs(row.index) ? <strong>≠ {row.column.name}</strong> : row.column.name },
    ...evidence.rows.map((each): TableColumn<(typeof rows)[number]> => ({
      name: each.row_id, title: roleLabel(each),
      cell: (row) => <Cell value={each.cells?.[row.index] ?? null} column={row.column} />,
    })),
  ];
  return <Table caption={title} rows={rows} columns={columns} />;
}

function Rows({ evidence, title }: { evidence: Evidence; title: string }) {
  const columns: TableColumn<EvidenceRow>[] = [
    { name: "row", title: text.cases.row, cell: roleLabel },
    { name: "occurred_on", title: text.cases.day, cell: (row) => row.occurred_on },
    { name: "at_risk", title: text.cases.atRisk, numeric: true, cell: (row) => <Amount money={row.at_risk} /> },
    ...evidence.columns.map((column, index): TableColumn<EvidenceRow> => ({
      name: column.name, title: column.name, cell: (row) => <Cell value={row.cells?.[index] ?? null} column={column} />,
    })),
  ];
  return <Table caption={title} rows={evidence.rows} columns={columns} />;
}

function History({ detail }: { detail: CaseDetail }) {
  return (
    <Section title={text.cases.history}>
      <Table
        caption={text.cases.history} rows={[...detail.history].reverse()}
        columns={[
          { name: "at", title: text.cases.when, cell: (row) => <Moment at={row.at} /> },
          { name: "user", title: text.cases.who, cell: (row) => row.user },
          { name: "action", title: text.cases.did, cell: (row) => actionLabel(row.action) },
          { name: "after", title: text.cases.state, cell: (row) => stateLabel(row.after) },
          { name: "amount", title: text.cases.amount, numeric: true, cell: (row) => row.amount === null ? "" : <Amount money={row.amount} /> },
          { name: "note", title: text.cases.note, wide: true, cell: (row) => row.note },
          { name: "release", title: text.release, numeric: true, cell: (row) => row.release },
        ]}
      />
    </Section>
  );
}
