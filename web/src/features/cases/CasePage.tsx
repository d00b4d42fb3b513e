// One case: what was found, the rows behind it beside each other, what people did, and what they can
// do now.
import { useState } from "preact/hooks";
import { api, unwrap, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { Amount, Cell } from "../../ui/Cell";
import { Link } from "../../ui/Link";
import { Moment } from "../../ui/Moment";
import { Page, Section, Status } from "../../ui/Page";
import { Empty, Loaded } from "../../ui/States";
import { Table, type TableColumn } from "../../ui/Table";
import { memberFilter } from "../../view/urlState";
import { pageAddress, useView } from "../../view/view";
import { CaseActions, isSome } from "./CaseActions";
import { Patterns } from "./Patterns";
import { actionLabel, formatScore, stateLabel } from "./words";

type Case = Schemas["Case"];
type CaseDetail = Schemas["CaseDetail"];
type Evidence = Schemas["CaseEvidence"];

const kSideBySideMax = 4;

/** For an address that names no case. */
export function NoCasePage({ name }: { name: string }) {
  const view = useView();
  return (
    <Page title={text.cases.title}>
      <Empty title={text.cases.noSuchCase(name)} hint={text.cases.noSuchCaseHint} />
      <p><Link to={pageAddress(view, "/cases")}>{text.cases.toInbox}</Link></p>
    </Page>
  );
}

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
      <CaseActions item={detail.case} onChange={onChange} />
      {detail.evidence.map((evidence) => (
        <EvidenceSection
          key={`${evidence.detector}/${evidence.finding_key}`} evidence={evidence}
          finding={detail.findings.find((each) => each.detector === evidence.detector && each.key === evidence.finding_key)}
        />
      ))}
      {detail.patterns.length === 0 ? null : (
        <Section title={text.cases.patterns.ofCase}><Patterns patterns={detail.patterns} onChange={onChange} /></Section>
      )}
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
          { name: "note", title: text.cases.note, wide: true, cell: (row) => <span class="lines">{row.note}</span> },
          { name: "release", title: text.release, numeric: true, cell: (row) => row.release },
        ]}
      />
    </Section>
  );
}
