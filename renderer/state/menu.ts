import { useEffect } from 'react'
import { t, useLanguage } from '../language/language.ts'
import { type Bindings, keysOf, useBindings } from './bindings.ts'
import { commands } from './commands.ts'
import { takesText } from './shortcut.ts'
import { go } from './ui.ts'

/** The native menus, told to Electron's process: in the person's language, with the keys that the commands have now. */

/** An entry: `command` is the id of one, `does` what the window does itself (main/menu.ts). */
export type MenuEntry =
  | { readonly label: string; readonly command: string; readonly key?: string }
  | { readonly label: string; readonly does: string }
  | { readonly separator: true }

export interface MenuWords {
  readonly label: string
  readonly entries: readonly MenuEntry[]
}

type Line = string | { readonly does: string; readonly title: string }
const LINE = '-'

/** Where commands stand: ids in their order, lines between them. All others follow at the end of the menu of their room. */
const MENUS: readonly {
  readonly title: string
  readonly lines: readonly Line[]
  readonly takes?: (id: string) => boolean
}[] = [
  {
    title: 'File',
    lines: [
      ...['new-document', 'documents', 'open', 'place', 'open-recipe', LINE, 'export', 'save-copy', 'copy-recipe'],
      ...[LINE, 'get-models', 'preferences', LINE],
      { does: 'quit', title: 'Quit' },
    ],
  },
  {
    title: 'Edit',
    lines: [
      ...['undo', 'redo', LINE],
      { does: 'cut', title: 'Cut' },
      { does: 'copy', title: 'Copy' },
      { does: 'paste', title: 'Paste' },
      ...[LINE, 'select-all', 'deselect'],
    ],
    takes: id => /select|mask|invert/.test(id) && !/^(?:tool|frame|add)-/.test(id),
  },
  {
    title: 'Picture',
    lines: [
      ...['generate', 'generate-fresh', 'go-on', 'live', 'compare-over', 'escape', LINE],
      ...['accept', 'discard', 'next', 'previous', 'compare', 'results', LINE, 'prompt', 'keep-seed', 'reset'],
    ],
    takes: id => /^(?:weight|prompt|frame|tokens)/.test(id),
  },
  { title: 'Layer', lines: [], takes: id => /layer|merge/.test(id) && !id.endsWith('-panel') },
  { title: 'Tool', lines: [], takes: id => /^(?:tool-|brush-|swap$|default-colours$|add-mask$)/.test(id) },
  {
    title: 'View',
    lines: [
      ...[
        'studio',
        'gallery',
        'teach',
        'models',
        LINE,
        'settings-panel',
        'layers-panel',
        'history-panel',
        'queue',
        LINE,
      ],
      ...['fit', 'actual-size', 'zoom-in', 'zoom-out', 'bare', LINE],
      { does: 'larger', title: 'Larger interface' },
      { does: 'smaller', title: 'Smaller interface' },
      { does: 'usual-size', title: 'Usual size' },
      LINE,
      { does: 'full-screen', title: 'Full screen' },
      { does: 'minimise', title: 'Minimise' },
    ],
    takes: id => id !== 'help' && id !== 'guide',
  },
  { title: 'Help', lines: ['palette', 'help', 'guide'], takes: () => true },
]

/** The menus with the keys of some bindings, in the language that is spoken now. */
export function menusOf(bindings: Bindings): readonly MenuWords[] {
  const placed = new Set(MENUS.flatMap(({ lines }) => lines.filter(line => typeof line === 'string')))
  const left = new Set(commands.filter(({ id, hidden }) => hidden !== true && !placed.has(id)).map(({ id }) => id))
  return MENUS.map(({ title, lines, takes = () => false }) => {
    const others = [...left].filter(takes)
    for (const id of others) left.delete(id)
    const all = [...lines, ...(lines.length > 0 && others.length > 0 ? [LINE] : []), ...others]
    return { label: t(title), entries: all.flatMap(line => entryOf(line, bindings)) }
  }).filter(({ entries }) => entries.length > 0)
}

function entryOf(line: Line, bindings: Bindings): MenuEntry[] {
  if (line === LINE) return [{ separator: true }]
  if (typeof line !== 'string') return [{ label: t(line.title), does: line.does }]
  const command = commands.find(({ id }) => id === line)
  if (command === undefined) return []
  const [key] = keysOf(command, bindings)
  return [{ label: t(command.title), command: line, ...(key !== undefined && { key }) }]
}

/** Milliseconds until a room that was gone to is there. */
const SETTLED = 30

/** Does what an entry of the menu says, where it can be done; in a text, undo and redo are the text's. */
export function runFromMenu(id: string): void {
  const command = commands.find(each => each.id === id)
  if (command === undefined) return
  if ((id === 'undo' || id === 'redo') && takesText(document.activeElement)) {
    document.execCommand(id)
    return
  }
  if (command.room !== undefined) go(command.room)
  setTimeout(() => (command.can?.() ?? true) && command.run(), SETTLED)
}

/** Keeps the native menus as the keys and the language are; does nothing in a browser, which has none. */
export function useNativeMenu(): void {
  const bindings = useBindings()
  const language = useLanguage(state => state.language)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another language gives other words
  useEffect(() => window.sfumato?.setMenus?.(menusOf(bindings)), [bindings, language])
  useEffect(() => {
    const hear = ({ data, source }: MessageEvent) => {
      if (source === window && data?.type === 'sfumato:command' && typeof data.id === 'string') runFromMenu(data.id)
    }
    window.addEventListener('message', hear)
    return () => window.removeEventListener('message', hear)
  }, [])
}
