// The inbox of cases: what somebody has to look at, the most money at the highest score first.
import { useEffect, useState } from "preact/hooks";
import { api, unwrap, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { Amount } from "../../ui/Cell";
import { Link } from "../../ui/Link";
import { Page, Section, Status } from "../../ui/Page";
import { Empty, Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { pageAddress, useView } from "../../view/view";
import { formatScore, stateLabel } from "./words";

type CaseList = Schemas["CaseList"];
type Case = Schemas["Case"];
type CaseState = Case["state"];

const kPage = 100;
/** The order in which a case goes through its states. */
const kStates: readonly CaseState[] = ["new", "assigned", "confirmed", "recovered", "dismissed", "suppressed", "merged"];

export function CasesPage() {
  const view = useView();
  const [state, setState] = useState<CaseState | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [before, setBefore] = useState<readonly Case[]>([]);
  const query = {
    limit: kPage, ...(state === null ? {} : { state, all: true }), ...(cursor === null ? {} : { cursor }),
  };
  const list = useResource(`cases:${view.latest}:${JSON.stringify(query)}`, (signal) =>
    unwrap(api.GET("/cases", { params: { query }, signal })));
  const choose = (next: CaseState | null): void => {
    setState(next);
    setCursor(null);
    setBefore([]);
  };
  useEffect(() => choose(null), [view.latest]);
  return (
    <Page title={text.cases.title} hint={text.cases.hint}>
      <Loaded of={list} height={400}>
        {(answer) => answer.by_state.length === 0 ? <Empty title={text.cases.empty} hint={text.cases.emptyHint} /> : (
          <>
            <Funnel answer={answer} chosen={state} onChoose={choose} />
            <Section
              title={state === null ? text.cases.open : stateLabel(state)}
              note={text.cases.total(formatCount(answer.total))}
            >
              <Cases cases={[...before, ...answer.cases]} />
              {answer.next_cursor === null ? null : (
                <div class="pager">
                  <button type="button" onClick={() => { setBefore([...before, ...answer.cases]); setCursor(answer.next_cursor); }}>{text.more}</button>
                </div>
              )}
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Funnel({ answer, chosen, onChoose }: { answer: CaseList; chosen: CaseState | null; onChoose: (next: CaseState | null) => void }) {
  const rows = kStates.flatMap((state) => answer.by_state.filter((each) => each.state === state));
  return (
    <Section title={text.cases.funnel}>
      <Table
        caption={text.cases.funnel} rows={rows}
        columns={[
          {
            name: "state", title: text.cases.state, cell: (row) => (
              <button type="button" class="plain" aria-pressed={chosen === row.state} onClick={() => onChoose(chosen === row.state ? null : row.state)}>
                {chosen === row.state ? "✓ " : ""}{stateLabel(row.state)}
              </button>
            ),
          },
          { name: "cases", title: text.cases.title, numeric: true, cell: (row) => formatCount(row.cases) },
          {
            name: "at_risk", title: text.cases.atRisk, numeric: true, cell: (row) =>
              row.at_risk.map((money) => <div key={money.currency}><Amount money={money} /></div>),
          },
        ]}
      />
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
