"use strict";
// Filters of the findings. Without this script every finding is visible and the form stays hidden.
(() => {
  const form = document.getElementById("filters");
  const byId = (id) => document.getElementById(id);
  const openForPrint = () => {
    for (const finding of document.querySelectorAll("details.f:not([open])")) {
      finding.open = true;
      finding.dataset.printed = "";
    }
  };
  addEventListener("beforeprint", openForPrint);
  addEventListener("afterprint", () => {
    for (const finding of document.querySelectorAll("details[data-printed]")) {
      finding.open = false;
      delete finding.dataset.printed;
    }
  });
  if (!form) return;

  const rules = [...document.querySelectorAll("section.rule")].map((section) => ({
    section,
    severity: section.dataset.s,
    title: section.querySelector("header").textContent.toLowerCase(),
    findings: [...section.querySelectorAll("details.f")],
  }));
  const total = rules.reduce((sum, rule) => sum + rule.findings.length, 0);
  const texts = new Map();
  const textOf = (finding) => {
    if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
    return texts.get(finding);
  };

  const apply = () => {
    const severity = byId("f-severity").value;
    const status = byId("f-status").value;
    const account = byId("f-account").value;
    const words = byId("f-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const rule of rules) {
      const wanted = words.filter((word) => !rule.title.includes(word));
      let inRule = 0;
      for (const finding of rule.findings) {
        const matches = (!severity || rule.severity === severity) && (!status || finding.dataset.t === status)
          && (!account || finding.dataset.a === account) && wanted.every((word) => textOf(finding).includes(word));
        finding.hidden = !matches;
        if (matches) inRule += 1;
      }
      rule.section.hidden = inRule === 0;
      shown += inRule;
    }
    byId("f-count").value = shown === total ? `${total} findings` : `${shown} of ${total} findings`;
    byId("f-none").hidden = shown > 0;
  };

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply, 0));
  byId("f-open").addEventListener("click", (event) => {
    const open = event.target.textContent === "Expand all";
    for (const rule of rules) {
      for (const finding of rule.findings) if (!finding.hidden) finding.open = open;
    }
    event.target.textContent = open ? "Collapse all" : "Expand all";
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-account], a[href^='#rule-']");
    if (!link) return;
    form.reset();
    byId("f-account").value = link.dataset.account || "";
    apply();
  });
  form.hidden = false;
  apply();
})();
