import { type BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron'

/** Interface scale, 80 to 200 % in steps of 10. */
const scales = { smallest: 0.8, largest: 2, step: 0.1 }

/** An entry that does what its key does in the page: the page alone decides what a key means. */
function mirrored(
  window: () => BrowserWindow | undefined,
  label: string,
  ...keys: string[]
): MenuItemConstructorOptions {
  const keyCode = keys.at(-1) ?? ''
  const modifiers = keys.slice(0, -1).map(key => (key === 'CmdOrCtrl' ? commandKey : key.toLowerCase()))
  return {
    label,
    accelerator: keys.join('+'),
    registerAccelerator: false,
    click() {
      const contents = window()?.webContents
      const input = { keyCode, modifiers: modifiers.filter(isModifier) }
      contents?.sendInputEvent({ type: 'keyDown', ...input })
      contents?.sendInputEvent({ type: 'keyUp', ...input })
    },
  }
}

type Modifier = 'meta' | 'control' | 'shift' | 'alt'
const commandKey = process.platform === 'darwin' ? 'meta' : 'control'
const isModifier = (key: string): key is Modifier => ['meta', 'control', 'shift', 'alt'].includes(key)

function rescale(window: () => BrowserWindow | undefined, by: number | 'usual'): () => void {
  return () => {
    const contents = window()?.webContents
    if (contents === undefined) return
    const scale = by === 'usual' ? 1 : contents.getZoomFactor() + by
    contents.setZoomFactor(Math.min(scales.largest, Math.max(scales.smallest, scale)))
  }
}

/** The native menus. On macOS they live in the system's bar, elsewhere behind the Alt key. */
export function applicationMenu(window: () => BrowserWindow | undefined, development: boolean): Menu {
  const entry = (label: string, ...keys: string[]) => mirrored(window, label, ...keys)
  const separator = { type: 'separator' } as const
  const developer: MenuItemConstructorOptions[] = [separator, { role: 'reload' }, { role: 'toggleDevTools' }]
  return Menu.buildFromTemplate([
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'File',
      submenu: [
        entry('New document', 'CmdOrCtrl', 'N'),
        entry('Open…', 'CmdOrCtrl', 'O'),
        entry('Export…', 'CmdOrCtrl', 'E'),
        separator,
        process.platform === 'darwin' ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'Picture',
      submenu: [entry('Generate', 'CmdOrCtrl', 'Enter'), entry('Cancel', 'Escape'), separator, entry('Prompt', '/')],
    },
    {
      label: 'View',
      submenu: [
        entry('Studio', 'Alt', '1'),
        entry('Gallery', 'Alt', '2'),
        separator,
        { label: 'Larger interface', accelerator: 'CmdOrCtrl+Plus', click: rescale(window, scales.step) },
        { label: 'Smaller interface', accelerator: 'CmdOrCtrl+-', click: rescale(window, -scales.step) },
        { label: 'Usual size', accelerator: 'CmdOrCtrl+0', click: rescale(window, 'usual') },
        separator,
        { role: 'togglefullscreen' },
        ...(development ? developer : []),
      ],
    },
    { role: 'windowMenu' },
  ])
}
