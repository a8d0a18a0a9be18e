/** The platform's own names and keys: Cmd takes the place of Ctrl on a Mac. */
const platform = (): string => globalThis.window?.sfumato?.platform ?? globalThis.navigator?.platform ?? ''
export const isMac = (): boolean => /mac|darwin/i.test(platform())

const MAC: Record<string, string> = { Ctrl: '⌘', Alt: '⌥', Shift: '⇧' }
const DRAWN: Record<string, string> = {
  Enter: '↵',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Delete: 'Del',
  Escape: 'Esc',
  ' ': 'Space',
}

/** A shortcut as it is shown: "Ctrl+Enter" is "Ctrl ↵", on a Mac "⌘↵". */
export function keyName(shortcut: string, mac = isMac()): string {
  const parts = shortcut.split(/\+(?=.)/).map(part => (mac ? MAC[part] : undefined) ?? DRAWN[part] ?? part)
  return parts.join(mac ? '' : ' ')
}

type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

/** A key press as a shortcut's name, modifiers in the order Ctrl, Alt, Shift: "Ctrl+Shift+C", "Shift+1", "/". */
export function pressed(event: Pressed, mac = isMac()): string {
  const control = mac ? event.metaKey : event.ctrlKey
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1]
  // The letter that is written on the key; its place only where the layout or Alt makes something else of it.
  const letter = /^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : /^Key([A-Z])$/.exec(event.code)?.[1]
  const held = [control && 'Ctrl', event.altKey && 'Alt', event.shiftKey && 'Shift']
  const modified = control || event.altKey || event.shiftKey
  const key = (modified ? (digit ?? letter) : digit) ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key)
  const symbol = digit === undefined && letter === undefined && event.key.length === 1
  return [...held.filter(part => part !== false && !(symbol && part === 'Shift')), key].join('+')
}

/** A shortcut as a page tells it to assistive programs (aria-keyshortcuts): "Control+Enter", on a Mac "Meta+Enter". */
export const spokenKey = (shortcut: string, mac = isMac()): string =>
  shortcut.replace(/^Ctrl\b/, mac ? 'Meta' : 'Control')

/** Whether a key writes, moves or ends something in a field of text: no shortcut may take it there, whatever it is bound to. */
export const writes = (shortcut: string): boolean =>
  !/^(?:Ctrl|Alt)\+/.test(shortcut) && !/^(?:Shift\+)?F\d+$/.test(shortcut) && shortcut !== 'Escape'

/** Whether letters that are pressed now are text: single-letter shortcuts must not take them. */
export const takesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement ||
  (target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)) ||
  (target instanceof HTMLElement && target.isContentEditable)
