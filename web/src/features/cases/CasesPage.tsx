// The inbox of cases: what somebody has to look at, the surest first. What it shows is in the address.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, asFailure, exportAddress, unwrap, type Failure, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { Amount } from "../../ui/Cell";
import { Link } from "../../ui/Link";
import { Page, Section, Status } from "../../ui/Page";
import { Empty, FailureBox, Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { changeState, pageAddress, useView } from "../../view/view";
import { readAmount } from "./amount";
import { isFiltered, kWholeInbox, queryOf, readInbox, writeInbox, type CaseQuery, type CaseState, type Inbox } from "./inbox";
import { formatScore, stateLabel } from "./words";

type CaseList = Schemas["CaseList"];
type Case = Schemas["Case"];

const kPage = 100;
const kPlacesMax = 6;
/** The order in which a case goes through its states. */
const kStates: readonly CaseState[] = ["new", "assigned", "confirmed", "recovered", "dismissed", "suppressed", "merged"];

export function CasesPage() {
  const view = useView();
  const inbox = readInbox(view.state.filters);
  const choose = (change: Partial<Inbox>): void => changeState(view, { filters: writeInbox({ ...inbox, ...change }) });
  const query = { limit: kPage, ...queryOf(inbox) };
  const list = useResource(`cases:${view.latest}:${JSON.stringify(query)}`, (signal) =>
    unwrap(api.GET("/cases", { params: { query }, signal })));
  return (
    <Page
      title={text.cases.title} hint={text.cases.hint}
      actions={<Link to={pageAddress(view, "/cases/patterns")}>{text.cases.patterns.title}</Link>}
    >
      <Filters inbox={inbox} choices={list.data?.choices} onChoose={choose} />
      <Loaded of={list} height={400}>
        {(answer) => (
          <>
            {answer.by_state.length === 0 ? null : (
              <Funnel answer={answer} chosen={inbox.state} onChoose={(state) => choose({ state })} />
            )}
            {answer.total === 0 ? <WhyEmpty answer={answer} inbox={inbox} /> : <List answer={answer} inbox={inbox} query={query} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function inboxTitle(inbox: Inbox): string {
  if (inbox.state === "") return text.cases.open;
  return inbox.state === "all" ? text.cases.everyState : stateLabel(inbox.state);
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly onChoose: (value: string) => void;
}

function Choice({ label, value, options, onChoose }: ChoiceProps) {
  const isKnown = options.some(([each]) => each === value);
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map(([each, title]) => <option key={each} value={each}>{title}</option>)}
        {isKnown ? null : <option value={value}>{value}</option>}
      </select>
    </label>
  );
}

interface FiltersProps {
  readonly inbox: Inbox;
  readonly choices: CaseList["choices"] | undefined;
  readonly onChoose: (change: Partial<Inbox>) => void;
}

function Filters({ inbox, choices, onChoose }: FiltersProps) {
  const named = (names: readonly string[] | undefined) =>
    [["", text.cases.any] as const, ...(names ?? []).map((name) => [name, name] as const)];
  return (
    <div class="toolbar-form spaced-after" role="group" aria-label={text.filters.title}>
      <Choice
        label={text.cases.state} value={inbox.state} onChoose={(state) => onChoose({ state })}
        options={[["", text.cases.open], ["all", text.cases.everyState], ...kStates.map((state) => [state, stateLabel(state)] as const)]}
      />
      <Choice label={text.cases.detector} value={inbox.detector} options={named(choices?.detectors)} onChoose={(detector) => onChoose({ detector })} />
      <Choice label={text.cases.owner} value={inbox.owner} options={named(choices?.owners)} onChoose={(owner) => onChoose({ owner })} />
      <Choice label={text.panel.currency} value={inbox.currency} options={named(choices?.currencies)} onChoose={(currency) => onChoose({ currency })} />
      <LeastAmount key={inbox.min_money} value={inbox.min_money} onChoose={(amount) => onChoose({ min_money: amount })} />
      <Choice
        label={text.cases.order} value={inbox.sort} options={[["", text.cases.orders.score], ["expected", text.cases.orders.expected]]}
        onChoose={(sort) => onChoose({ sort })}
      />
      {isFiltered(inbox) || inbox.sort !== "" || inbox.state !== ""
        ? <button type="button" onClick={() => onChoose(kWholeInbox)}>{text.filters.clear}</button> : null}
    </div>
  );
}

/** Taken when it is left, or with Enter; never while it is typed. */
function LeastAmount({ value, onChoose }: { value: string; onChoose: (amount: string) => void }) {
  const [typed, setTyped] = useState(value);
  const read = readAmount(typed, kPlacesMax);
  const isFine = typed.trim() === "" || (read.fault === null && !read.isBelowZero);
  const take = (): void => {
    const next = typed.trim() === "" ? "" : (read.amount ?? "");
    if (isFine && next !== value) onChoose(next);
  };
  return (
    <form class="toolbar-form" onSubmit={(event) => { event.preventDefault(); take(); }}>
      <label>
        {text.cases.leastAmount}
        <input
          value={typed} inputMode="decimal" {...(isFine ? {} : { "aria-invalid": true, "aria-describedby": "least-fault" })}
          onInput={(event) => setTyped(event.currentTarget.value)} onBlur={take}
        />
      </label>
      {isFine ? null : <span class="fault" id="least-fault" role="alert">{text.cases.amountFaults.form}</span>}
    </form>
  );
}

/** Why there is nothing, and what to do about it. */
function WhyEmpty({ answer, inbox }: { answer: CaseList; inbox: Inbox }) {
  const { why } = text.cases;
  if (answer.choices.detectors.length === 0) return <Empty title={why.noDetectors} hint={why.noDetectorsHint} />;
  if (answer.release === null) return <Empty title={text.cases.empty} hint={text.cases.emptyHint} />;
  const at = text.releaseNumber(answer.release);
  if (isFiltered(inbox)) return <Empty title={why.filtered} hint={why.filteredHint(formatCount(answer.open), answer.open === 1, at)} />;
  if (inbox.state === "all" || answer.by_state.length === 0) return <Empty title={why.none(at)} hint={text.cases.emptyHint} />;
  return <Empty title={why.noneOpen(at)} hint={why.noneOpenHint} />;
}

function Funnel({ answer, chosen, onChoose }: { answer: CaseList; chosen: string; onChoose: (next: string) => void }) {
  const rows = kStates.flatMap((state) => answer.by_state.filter((each) => each.state === state));
  const sums = (money: readonly Schemas["Money"][]) => money.map((each) => <div key={each.currency}><Amount money={each} /></div>);
  return (
    <Section title={text.cases.funnel}>
      <Table
        caption={text.cases.funnel} rows={rows}
        columns={[
          {
            name: "state", title: text.cases.state, cell: (row) => (
              <button type="button" class="plain" aria-pressed={chosen === row.state} onClick={() => onChoose(chosen === row.state ? "" : row.state)}>
                {chosen === row.state ? "✓ " : ""}{stateLabel(row.state)}
              </button>
            ),
          },
          { name: "cases", title: text.cases.title, numeric: true, cell: (row) => formatCount(row.cases) },
          { name: "at_risk", title: text.cases.atRisk, numeric: true, cell: (row) => sums(row.at_risk) },
          { name: "confirmed", title: text.cases.confirmed, numeric: true, cell: (row) => sums(row.confirmed) },
          { name: "recovered", title: text.cases.recovered, numeric: true, cell: (row) => sums(row.recovered) },
        ]}
      />
    </Section>
  );
}

interface ListProps {
  readonly answer: CaseList; // the first page
  readonly inbox: Inbox;
  readonly query: CaseQuery;
}

/** What was read after a first page. */
interface Rest {
  readonly after: CaseList;
  readonly cases: readonly Case[];
  readonly cursor: string | null;
}

function List({ answer, inbox, query }: ListProps) {
  const [held, setHeld] = useState<Rest | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const reading = useRef<AbortController | null>(null);
  useEffect(() => () => reading.current?.abort(), [answer]);
  const rest: Rest = held?.after === answer ? held : { after: answer, cases: [], cursor: answer.next_cursor };
  const shown = [...answer.cases, ...rest.cases];
  const readMore = (cursor: string): void => {
    if (reading.current !== null) return;
    const control = new AbortController();
    reading.current = control;
    unwrap(api.GET("/cases", { params: { query: { ...query, cursor } }, signal: control.signal })).then(
      (next) => {
        const known = new Set(shown.map((each) => each.id));
        if (control.signal.aborted) return;
        setFailure(null);
        setHeld({ after: answer, cases: [...rest.cases, ...next.cases.filter((each) => !known.has(each.id))], cursor: next.next_cursor });
      },
      (cause: unknown) => {
        if (!control.signal.aborted) setFailure(asFailure(cause));
      },
    ).finally(() => { reading.current = null; });
  };
  const { cursor } = rest;
  return (
    <Section
      title={inboxTitle(inbox)} note={text.cases.total(formatCount(answer.total))}
      actions={(["csv", "xlsx"] as const).map((format) => (
        <a key={format} href={exportAddress("/cases/export", { format, ...queryOf(inbox) }, [])} download="">{text.panel[format]}</a>
      ))}
    >
      <Cases cases={shown} />
      {failure === null ? null : <FailureBox failure={failure} />}
      {cursor === null ? null : (
        <div class="pager"><button type="button" onClick={() => readMore(cursor)}>{text.more}</button></div>
      )}
    </Section>
  );
}

function Cases({ cases }: { cases: readonly Case[] }) {
  const view = useView();
  return (
    <Table
      caption={text.cases.title} rows={cases}
      columns={[
        { name: "id", title: text.cases.number, cell: (row) => <Link to={pageAddress(view, `/cases/${row.id}`)}>{text.cases.numbered(row.id)}</Link> },
        { name: "state", title: text.cases.state, cell: (row) => <Status of={row.state} label={stateLabel(row.state)} /> },
        { name: "title", title: text.cases.what, wide: true, cell: (row) => row.title },
        { name: "subject", title: text.cases.subject, cell: (row) => `${row.subject_type} ${row.subject_id}` },
        { name: "score", title: text.cases.score, numeric: true, cell: (row) => formatScore(row.score) },
        {
          name: "money", title: text.cases.atRisk, numeric: true, cell: (row) =>
            row.money.map((money) => <div key={money.at_risk.currency}><Amount money={money.at_risk} /></div>),
        },
        { name: "owner", title: text.cases.owner, cell: (row) => row.owner ?? "" },
      ]}
    />
  );
}
