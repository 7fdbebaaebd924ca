// The top left of every page: the name and the way to the other pages. Links keep the project.
import { el } from "./dom.js";
import { projectId } from "./api.js";
import { keys, listen } from "./keys.js";
import { go } from "./leaving.js";

const PAGES = [["Library", "/"], ["Plan", "/plan"], ["Write", "/write"], ["Compare", "/compare"], ["Train", "/train"], ["Models", "/models"]];

export function mount(root) {
  const project = projectId() || sessionStorage.getItem("lw-project");
  if (projectId()) sessionStorage.setItem("lw-project", projectId());
  const address = (path) => (project && path !== "/" ? `${path}?project=${encodeURIComponent(project)}` : path);
  const here = location.pathname.replace(/\/$/, "") || "/";
  root.replaceChildren(el("a", { class: "brand", href: "/" }, "Longwright"),
    ...PAGES.map(([name, path]) => el("a", { class: "page", href: address(path), "aria-current": here === path ? "page" : null }, name)));
  listen();
  keys("Everywhere", Object.fromEntries(PAGES.map(([name, path], index) =>
    [`Alt+${index + 1}`, { does: `Go to ${name}`, run: () => go(address(path)) }])));
}
