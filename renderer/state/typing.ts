import { endEdit } from './studio.ts'
import { type Replacement, reweighted } from './weights.ts'

/** The prompt that is being written: the text area with the focus that says `data-prompt`. */
export function promptArea(): HTMLTextAreaElement | undefined {
  const active = globalThis.document?.activeElement
  return active instanceof HTMLTextAreaElement && active.dataset.prompt !== undefined ? active : undefined
}

/** Replaces words as if they were typed, as one step of undo: of the page's own, and of the field's. */
export function typeOver(area: HTMLTextAreaElement, { from, to, by, start, end }: Replacement): void {
  endEdit()
  area.focus()
  area.setSelectionRange(from, to)
  // The only way to change a field that its own undo takes back; nothing replaces it yet.
  if (by === '') document.execCommand('delete')
  else document.execCommand('insertText', false, by)
  area.setSelectionRange(start, end)
  endEdit()
}

/** Makes the words under the caret, or those that are selected, count more or less. */
export function changeWeight(step: number): void {
  const area = promptArea()
  if (area === undefined) return
  const change = reweighted({ text: area.value, start: area.selectionStart, end: area.selectionEnd }, step)
  if (change !== undefined) typeOver(area, change)
}
