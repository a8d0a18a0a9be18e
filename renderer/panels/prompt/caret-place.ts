/** What decides where words stand in a text area. */
const COPIED = ['font', 'letterSpacing', 'padding', 'boxSizing', 'width', 'textIndent', 'tabSize'] as const

/** Where a place in the text of a text area stands, in pixels from its upper left corner: the top of its line. Measured on a copy that
 *  is laid out alike. */
export function placeInArea(area: HTMLTextAreaElement, at: number): { left: number; top: number } {
  const copy = document.createElement('div')
  const style = getComputedStyle(area)
  for (const name of COPIED) copy.style[name] = style[name]
  copy.style.width = `${area.clientWidth}px`
  Object.assign(copy.style, {
    position: 'absolute',
    visibility: 'hidden',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'break-word',
  })
  const mark = document.createElement('span')
  mark.textContent = '\u200b'
  copy.append(area.value.slice(0, at), mark)
  document.body.append(copy)
  const place = { left: mark.offsetLeft, top: mark.offsetTop - area.scrollTop }
  copy.remove()
  return place
}
