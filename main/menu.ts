import { type BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron'

/** An entry of the native menus, as the page tells it. `command`: the page does it, by the id of its command; `does`: the window does it itself. */
export type MenuEntry =
  | { readonly label: string; readonly command: string; readonly key?: string }
  | { readonly label: string; readonly does: string }
  | { readonly separator: true }

export interface MenuWords {
  readonly label: string
  readonly entries: readonly MenuEntry[]
}

/** Interface scale, 80 to 200 % in steps of 10. */
const scales = { smallest: 0.8, largest: 2, step: 0.1 }

function rescale(window: () => BrowserWindow | undefined, by: number | 'usual'): () => void {
  return () => {
    const contents = window()?.webContents
    if (contents === undefined) return
    const scale = by === 'usual' ? 1 : contents.getZoomFactor() + by
    contents.setZoomFactor(Math.min(scales.largest, Math.max(scales.smallest, scale)))
  }
}

/** What the window does itself, by the names that the page knows. */
const own = (window: () => BrowserWindow | undefined): Readonly<Record<string, MenuItemConstructorOptions>> => ({
  quit: process.platform === 'darwin' ? { role: 'close' } : { role: 'quit' },
  cut: { role: 'cut' },
  copy: { role: 'copy' },
  paste: { role: 'paste' },
  larger: { accelerator: 'CmdOrCtrl+Plus', click: rescale(window, scales.step) },
  smaller: { accelerator: 'CmdOrCtrl+-', click: rescale(window, -scales.step) },
  'usual-size': { accelerator: 'CmdOrCtrl+0', click: rescale(window, 'usual') },
  'full-screen': { role: 'togglefullscreen' },
  minimise: { role: 'minimize' },
})

/** Names of keys that Electron calls otherwise. */
const KEYS: Readonly<Record<string, string>> = {
  Ctrl: 'CmdOrCtrl',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ' ': 'Space',
  '+': 'Plus',
}

/** A key as the page names it ("Ctrl+Shift+C") as an accelerator; undefined where it cannot be one. On macOS a menu takes its keys from the page: those
 *  without a modifier would be missing in texts. */
function acceleratorOf(key: string): string | undefined {
  const parts = key.split(/\+(?=.)/)
  if (process.platform === 'darwin' && !/^(?:Ctrl|Alt|F\d)/.test(key)) return undefined
  const names = parts.map(part => KEYS[part] ?? part)
  return names.every(name => /^(?:[A-Za-z]+\d{0,2}|[!-~])$/.test(name)) ? names.join('+') : undefined
}

/** The native menus. On macOS they live in the system's bar, elsewhere behind the Alt key. What is in them, in which words and with which keys, the page
 *  tells (renderer/state/menu.ts): it alone knows what was remapped. The keys only stand there, for the page hears them itself.
 *  @param run makes the page do a command */
export function applicationMenu(parts: {
  readonly window: () => BrowserWindow | undefined
  readonly menus: readonly MenuWords[]
  readonly development: boolean
  readonly run: (command: string) => void
}): Menu {
  const does = own(parts.window)
  const entry = (told: MenuEntry): MenuItemConstructorOptions => {
    if ('separator' in told) return { type: 'separator' }
    if ('does' in told) return { ...does[told.does], label: told.label }
    const accelerator = told.key === undefined ? undefined : acceleratorOf(told.key)
    return {
      label: told.label,
      ...(accelerator !== undefined && { accelerator, registerAccelerator: false }),
      click: () => parts.run(told.command),
    }
  }
  const developer: MenuItemConstructorOptions = {
    label: 'Developer',
    submenu: [{ role: 'reload' }, { role: 'toggleDevTools' }],
  }
  return Menu.buildFromTemplate([
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    ...parts.menus.map(({ label, entries }) => ({ label, submenu: entries.map(entry) })),
    ...(parts.development ? [developer] : []),
  ])
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0 && value.length < 200

function entryOf(value: unknown): MenuEntry[] {
  if (!isRecord(value)) return []
  const { label, command, does, key, separator } = value
  if (separator === true) return [{ separator }]
  if (!isText(label)) return []
  if (isText(does)) return [{ label, does }]
  return isText(command) ? [{ label, command, ...(isText(key) && { key }) }] : []
}

/** What the page told, as far as it can be shown: nothing else of it is believed. */
export function menusOf(told: unknown): MenuWords[] {
  if (!Array.isArray(told)) return []
  return told.slice(0, 20).flatMap(menu => {
    if (!isRecord(menu) || !isText(menu.label) || !Array.isArray(menu.entries)) return []
    return [{ label: menu.label, entries: menu.entries.slice(0, 200).flatMap(entryOf) }]
  })
}
