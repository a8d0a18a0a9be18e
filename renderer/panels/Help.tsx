import { Dialog } from 'radix-ui'
import { useReturnFocus } from '../components/dialog-focus.ts'
import { commands } from '../state/commands.ts'
import { keyName } from '../state/shortcut.ts'
import { useUi } from '../state/ui.ts'

interface Line {
  readonly title: string
  readonly keys: readonly string[]
}

const HANDS: readonly Line[] = [
  { title: 'Move the canvas', keys: ['Drag'] },
  { title: 'Zoom around the pointer', keys: ['Wheel'] },
  { title: 'Change a number', keys: ['Drag on it', '↑ ↓'] },
  { title: 'Give a number back to the model', keys: ['Delete'] },
  { title: 'See the picture from before', keys: ['hold \\'] },
  { title: 'A word of the prompt counts more, less', keys: ['Ctrl+↑ ↓'] },
  { title: 'Earlier prompts', keys: ['Alt+↑ ↓'] },
  { title: 'Choose a result', keys: ['1 to 9', '← →'] },
  { title: 'One step out, cancel', keys: ['Esc'] },
  { title: 'Find anything', keys: ['Ctrl+K'] },
  { title: 'Next part of the window', keys: ['F6'] },
]

const GALLERY: readonly Line[] = [
  { title: 'Go from picture to picture', keys: ['← → ↑ ↓'] },
  { title: 'Large view', keys: ['Space'] },
  { title: 'Open in Studio', keys: ['Enter'] },
  { title: 'Star', keys: ['S'] },
  { title: 'Four variations', keys: ['V'] },
  { title: 'Rate, take the rating away', keys: ['1 to 5', '0'] },
  { title: 'Move to the trash', keys: ['Delete'] },
  { title: 'Select more', keys: ['Ctrl+click', 'Shift+click'] },
]

/** Keys and gestures, as they are. */
export function Help() {
  const open = useUi(state => state.helpOpen)
  const focus = useReturnFocus(true)
  const listed = commands.filter(({ hidden, keys }) => !hidden && keys.length > 0)
  const lines = (room: 'studio' | undefined) =>
    listed
      .filter(command => (command.room === 'studio') === (room === 'studio'))
      .map(({ title, keys }) => ({ title, keys }))
  return (
    <Dialog.Root open={open} onOpenChange={helpOpen => useUi.setState({ helpOpen })}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim clear" />
        <Dialog.Content className="pop help" aria-describedby={undefined} {...focus} data-testid="help">
          <Dialog.Title>Keys and help</Dialog.Title>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <section className="help-columns" tabIndex={0} aria-label="Keys">
            <Lines title="By hand" lines={HANDS} />
            <Lines title="Studio" lines={lines('studio')} />
            <Lines title="Gallery" lines={GALLERY} />
            <Lines title="Everywhere" lines={lines(undefined)} />
          </section>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Lines({ title, lines }: { title: string; lines: readonly Line[] }) {
  return (
    <div className="help-part">
      <h3>{title}</h3>
      <dl className="keys">
        {lines.map(line => (
          <div key={line.title}>
            <dt>{line.title}</dt>
            <dd>
              {line.keys.map(key => (
                <kbd key={key}>{keyName(key)}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
