// Runs in the page (layout.ts): what a person cannot read or hit though it is there, one line each.
(() => {
  const SLACK_PX = 1.5;
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth - root.clientWidth} px too wide`);

  const nameOf = (element) =>
    `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} "${(element.textContent ?? '').trim().slice(0, 40)}"`;
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && element.closest('.said, .uplot') === null;
  const clips = (overflow) => overflow === 'hidden' || overflow === 'clip';

  /** What of it is in sight: less than all where a scrolled box holds it. Null = nothing. */
  const inSight = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const box = { left, top, right, bottom };
    for (let above = element.parentElement; above !== null; above = above.parentElement) {
      if (getComputedStyle(above).overflow === 'visible') continue;
      const of = above.getBoundingClientRect();
      box.left = Math.max(box.left, of.left);
      box.top = Math.max(box.top, of.top);
      box.right = Math.min(box.right, of.right);
      box.bottom = Math.min(box.bottom, of.bottom);
    }
    return box.right - box.left > SLACK_PX && box.bottom - box.top > SLACK_PX ? box : null;
  };

  /** Where its own words stand: a child may be scrolled in a box of its own. */
  const ownText = (element) => {
    const boxes = [...element.childNodes]
      .filter((node) => node.nodeType === 3 && node.textContent?.trim() !== '')
      .map((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return range.getBoundingClientRect();
      });
    return { left: Math.min(...boxes.map(({ left }) => left)), right: Math.max(...boxes.map(({ right }) => right)) };
  };

  for (const element of document.querySelectorAll('body *')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== '');
    if (!hasText || !isShown(element) || inSight(element) === null) continue;
    // Where dots stand for the rest that is meant so, and the whole is in a title or elsewhere.
    let dots = false;
    for (let box = element; box !== null && box !== root; box = box.parentElement) {
      const { overflowX, overflowY, textOverflow } = getComputedStyle(box);
      dots ||= textOverflow === 'ellipsis';
      if (overflowX !== 'visible' && !clips(overflowX)) break;
      if (clips(overflowX) && !dots) {
        const text = ownText(element);
        const of = box.getBoundingClientRect();
        if (text.right > of.right + SLACK_PX || text.left < of.left - SLACK_PX) found.push(`cut: ${nameOf(element)}`);
      }
      if (clips(overflowY)) {
        const text = element.getBoundingClientRect();
        const of = box.getBoundingClientRect();
        if (text.bottom > of.bottom + 4 || text.top < of.top - 4) found.push(`cut below: ${nameOf(element)}`);
      }
      if (overflowY !== 'visible') break;
    }
  }

  const hittable = [
    ...document.querySelectorAll('button, a[href], input, select, summary, [role=tab], [role=option]'),
  ].filter((element) => isShown(element) && element.closest('.marks') === null);
  const dialog = document.querySelector('dialog[open]');
  const boxes = hittable
    .filter((element) => dialog === null || dialog.contains(element))
    .map((element) => ({ element, box: inSight(element) }));
  boxes.forEach(({ element, box }, index) => {
    for (const other of boxes.slice(index + 1)) {
      if (box === null || other.box === null) continue;
      if (element.contains(other.element) || other.element.contains(element)) continue;
      // A bar that stays on top lies over what is scrolled below it.
      const isSticky = (of) => of.closest('.top-bar, .cgroups-head, .toast') !== null;
      if (isSticky(element) !== isSticky(other.element)) continue;
      const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      if (across > SLACK_PX && down > SLACK_PX)
        found.push(`on each other: ${nameOf(element)} and ${nameOf(other.element)}`);
    }
  });
  return [...new Set(found)];
})();
