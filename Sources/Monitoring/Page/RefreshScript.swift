/// Keeps an open page up to date without a flicker, as `/refresh.js`. The page is complete without it.
enum RefreshScript {
    static let text = """
        "use strict";
        async function refresh() {
          if (document.hidden || String(getSelection())) return;
          const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(8000) });
          const next = new DOMParser().parseFromString(await answer.text(), "text/html");
          // A proxy in between has pages of its own.
          if (!answer.ok || !next.getElementById("now")) throw new Error("no status page");
          for (const open of document.querySelectorAll("details[open]"))
            next.getElementById(open.id)?.setAttribute("open", "");
          for (const part of ["header", "main", "footer"]) {
            const [old, fresh] = [document.querySelector(part), next.querySelector(part)];
            if (fresh && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(fresh));
          }
          document.title = next.title;
        }
        async function lost() { document.title = "? · fedmsg-bridge"; document.getElementById("now").textContent += " – no answer since"; }
        let isLost = false;
        setInterval(() => refresh().then(() => { isLost = false; }, () => { if (!isLost) lost(); isLost = true; }), 10000);

        """
}
