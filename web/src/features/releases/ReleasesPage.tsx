import { api, unwrap, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { text } from "../../text/catalogue";
import { Amount } from "../../ui/Cell";
import { Link } from "../../ui/Link";
import { Moment } from "../../ui/Moment";
import { Page, Status } from "../../ui/Page";
import { Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { pageAddress, useView } from "../../view/view";

const kShownMax = 200;

export function ReleasesPage() {
  const view = useView();
  const releases = useResource(`releases:all:${view.latest}`, (signal) =>
    unwrap(api.GET("/releases", { params: { query: { limit: kShownMax } }, signal })));
  return (
    <Page title={text.releases.title}>
      <Loaded of={releases} height={400}>
        {(answer) => (
          <Table
            caption={text.releases.title} rows={answer.releases}
            columns={[
              { name: "number", title: text.releases.number, cell: (release) => <Link to={pageAddress(view, `/releases/${release.number}`)}>{text.releaseNumber(release.number)}</Link> },
              { name: "when", title: text.releases.when, cell: (release) => <Moment at={release.created_at} /> },
              { name: "who", title: text.releases.who, cell: (release) => release.user },
              { name: "status", title: text.releases.status, cell: (release) => <Status of={release.status} /> },
              { name: "what", title: text.releases.what, wide: true, cell: (release) => release.summary },
              { name: "money", title: `${text.releases.before} → ${text.releases.after}`, numeric: true, cell: (release) => <MoneyChanges changes={release.money} /> },
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}

function MoneyChanges({ changes }: { changes: readonly Schemas["MoneyChange"][] }) {
  return (
    <>
      {changes.map((change) => (
        <div key={`${change.table}/${change.currency}`}>
          <span class="muted small">{change.table} </span>
          <Amount money={change.before} /> → <Amount money={change.after} />
        </div>
      ))}
    </>
  );
}
