import { api, unwrap } from "../../api/client";
import { useResource } from "../../api/resource";
import { text } from "../../text/catalogue";
import { Link } from "../../ui/Link";
import { Moment } from "../../ui/Moment";
import { Page, Section } from "../../ui/Page";
import { Empty, Loaded } from "../../ui/States";
import { pageAddress, useView } from "../../view/view";

export function OverviewPage() {
  const view = useView();
  const dashboards = useResource(`dashboards:${view.projectEdits}`, (signal) => unwrap(api.GET("/dashboards", { signal })));
  const { project } = view;
  return (
    <Page title={project.name}>
      <dl class="facts">
        <dt>{text.overview.latest}</dt>
        <dd><Link to={pageAddress(view, `/releases/${view.latest}`)}>{text.releaseNumber(view.latest)}</Link></dd>
        {project.released_at === null || project.latest_release !== view.latest ? null : (
          <><dt>{text.overview.published}</dt><dd><Moment at={project.released_at} /></dd></>
        )}
        <dt>{text.overview.currency}</dt><dd>{project.currency}</dd>
        <dt>{text.overview.zone}</dt><dd>{project.time_zone}</dd>
      </dl>
      <div class="spaced">
        <Section title={text.pages.dashboards}>
          <Loaded of={dashboards} height={200}>
            {(answer) => answer.dashboards.length === 0 ? <Empty title={text.states.noDashboards} hint={text.states.noDashboardsHint} /> : (
              <ul class="cards">
                {answer.dashboards.map((dashboard) => (
                  <li key={dashboard.name}>
                    <Link to={pageAddress(view, `/dashboards/${encodeURIComponent(dashboard.name)}`)}>{dashboard.title}</Link>
                    <p class="muted small">{dashboard.description}</p>
                  </li>
                ))}
              </ul>
            )}
          </Loaded>
        </Section>
      </div>
    </Page>
  );
}
