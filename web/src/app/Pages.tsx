import { CasePage, NoCasePage } from "../features/cases/CasePage";
import { CasesPage } from "../features/cases/CasesPage";
import { PatternsPage } from "../features/cases/Patterns";
import { CompletenessPage } from "../features/completeness/CompletenessPage";
import { DashboardPage } from "../features/dashboard/DashboardPage";
import { LineagePage } from "../features/lineage/LineagePage";
import { MetricPage } from "../features/metrics/MetricPage";
import { MetricsPage } from "../features/metrics/MetricsPage";
import { OverviewPage } from "../features/overview/OverviewPage";
import { QualityPage } from "../features/quality/QualityPage";
import { QuarantinePage } from "../features/quarantine/QuarantinePage";
import { ReleasePage } from "../features/releases/ReleasePage";
import { ReleasesPage } from "../features/releases/ReleasesPage";
import { RunPage } from "../features/runs/RunPage";
import { RunsPage } from "../features/runs/RunsPage";
import { SqlPage } from "../features/sql/SqlPage";
import { TablePage } from "../features/tables/TablePage";
import { TablesPage } from "../features/tables/TablesPage";
import { text } from "../text/catalogue";
import { Page } from "../ui/Page";
import { useView } from "../view/view";
import { pathParts } from "./routes";

export function Pages() {
  const view = useView();
  const [section = "", name = ""] = pathParts(view.path);
  switch (section) {
    case "":
      return <OverviewPage />;
    case "dashboards":
      return name === "" ? <OverviewPage /> : <DashboardPage key={name} name={name} />;
    case "metrics":
      return name === "" ? <MetricsPage /> : <MetricPage key={name} name={name} />;
    case "tables":
      return name === "" ? <TablesPage /> : <TablePage key={name} name={name} />;
    case "releases":
      return /^[1-9]\d*$/.test(name) ? <ReleasePage key={name} number={Number(name)} /> : <ReleasesPage />;
    case "cases":
      if (name === "patterns") return <PatternsPage />;
      if (name === "") return <CasesPage />;
      return /^[1-9]\d{0,14}$/.test(name) ? <CasePage key={name} id={Number(name)} /> : <NoCasePage name={name} />;
    case "quality":
      return <QualityPage />;
    case "quarantine":
      return <QuarantinePage />;
    case "completeness":
      return <CompletenessPage />;
    case "lineage":
      return <LineagePage />;
    case "runs":
      return name === "" ? <RunsPage /> : <RunPage key={name} id={name} />;
    case "sql":
      return <SqlPage />;
    default:
      return <Page title={text.pages.unknown} hint={text.pages.unknownHint}>{null}</Page>;
  }
}
