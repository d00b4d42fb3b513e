import { OverviewPage } from "../features/overview/OverviewPage";
import { DashboardPage } from "../features/dashboard/DashboardPage";
import { text } from "../text/catalogue";
import { Page } from "../ui/Page";
import { useView } from "../view/view";
import { pathParts } from "./routes";

export function Pages() {
  const view = useView();
  const [section = "", name = ""] = pathParts(view.path);
  if (section === "") return <OverviewPage />;
  if (section === "dashboards" && name !== "") return <DashboardPage key={name} name={name} />;
  return <Page title={text.pages.unknown} hint={text.pages.unknownHint}>{null}</Page>;
}
