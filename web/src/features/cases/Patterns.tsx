// What dismissals taught: findings that fit a pattern are no news. Each can be taken back.
import { useRef, useState } from "preact/hooks";
import { api, asFailure, unwrap, type Failure, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { text } from "../../text/catalogue";
import { Link } from "../../ui/Link";
import { Moment } from "../../ui/Moment";
import { Page, Status } from "../../ui/Page";
import { Empty, FailureBox, Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { pageAddress, useView } from "../../view/view";

type Pattern = Schemas["CasePattern"];

export function PatternsPage() {
  const view = useView();
  const [changes, setChanges] = useState(0);
  const list = useResource(`patterns:${view.latest}:${changes}`, (signal) => unwrap(api.GET("/cases/patterns", { signal })));
  return (
    <Page title={text.cases.patterns.title} hint={text.cases.patterns.hint}>
      <p><Link to={pageAddress(view, "/cases")}>{text.cases.toInbox}</Link></p>
      <Loaded of={list} height={300}>
        {({ patterns }) => patterns.length === 0
          ? <Empty title={text.cases.patterns.none} hint={text.cases.patterns.noneHint} />
          : <Patterns patterns={patterns} onChange={() => setChanges((count) => count + 1)} />}
      </Loaded>
    </Page>
  );
}

function about(pattern: Pattern): string {
  if (pattern.finding_key !== null) return text.cases.patterns.finding(pattern.finding_key);
  return `${pattern.subject_type ?? ""} ${pattern.subject_id ?? ""}`;
}

interface PatternsProps {
  readonly patterns: readonly Pattern[];
  readonly onChange: () => void;
}

export function Patterns({ patterns, onChange }: PatternsProps) {
  const view = useView();
  const busy = useRef(false);
  const status = useRef<HTMLParagraphElement>(null);
  const [said, setSaid] = useState("");
  const [failure, setFailure] = useState<Failure | null>(null);
  const revoke = (id: number): void => {
    if (busy.current) return;
    busy.current = true;
    unwrap(api.POST("/cases/patterns/{id}/revoke", { params: { path: { id } } })).then(
      () => {
        setFailure(null);
        setSaid(text.cases.patterns.takenBack(id));
        // Its button goes away, and would take the focus with it.
        status.current?.focus();
      },
      (cause: unknown) => setFailure(asFailure(cause)),
    ).finally(() => {
      busy.current = false;
      onChange();
    });
  };
  return (
    <>
      <Table
        caption={text.cases.patterns.title} rows={patterns}
        columns={[
          { name: "id", title: text.cases.patterns.number, numeric: true, cell: (row) => row.id },
          { name: "detector", title: text.cases.detector, cell: (row) => row.detector },
          { name: "about", title: text.cases.subject, wide: true, cell: about },
          { name: "note", title: text.cases.note, wide: true, cell: (row) => <span class="lines">{row.note}</span> },
          {
            name: "case", title: text.cases.number, cell: (row) => row.case === null
              ? "" : <Link to={pageAddress(view, `/cases/${row.case}`)}>{text.cases.numbered(row.case)}</Link>,
          },
          { name: "taught", title: text.cases.patterns.taught, cell: (row) => <><Moment at={row.created_at} /> · {row.created_by}</> },
          {
            name: "state", title: text.cases.state, cell: (row) => row.revoked_at === null
              ? <Status of="holds" label={text.cases.patterns.inForce} />
              : <><Status of="revoked" label={text.cases.patterns.revoked} /> <Moment at={row.revoked_at} /> · {row.revoked_by}</>,
          },
          {
            name: "act", title: text.cases.did, cell: (row) => row.revoked_at !== null
              ? "" : <button type="button" aria-label={text.cases.patterns.takeBackOne(row.id)} onClick={() => revoke(row.id)}>{text.cases.patterns.takeBack}</button>,
          },
        ]}
      />
      <p class="said" role="status" tabIndex={-1} ref={status}>{said}</p>
      {failure === null ? null : <FailureBox failure={failure} />}
    </>
  );
}
