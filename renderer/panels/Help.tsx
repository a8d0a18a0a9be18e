import { Dialog } from 'radix-ui'
import { Button } from '../components/Button.tsx'
import { useReturnFocus } from '../components/dialog-focus.ts'
import { t } from '../language/language.ts'
import { type Bindings, keysOf, useBindings } from '../state/bindings.ts'
import { commands } from '../state/commands.ts'
import { startGuide } from '../state/guide.ts'
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

/** The commands of the Studio, or all others, that a key does now. */
const linesOf = (isStudio: boolean, bindings: Bindings): readonly Line[] =>
  commands
    .filter(({ fixed, room }) => !fixed && (room === 'studio') === isStudio)
    .map(command => ({ title: command.title, keys: keysOf(command, bindings) }))
    .filter(({ keys }) => keys.length > 0)

function guide(): void {
  useUi.setState({ helpOpen: false })
  startGuide()
}

/** Keys and gestures, as they are. */
export function Help() {
  const open = useUi(state => state.helpOpen)
  const focus = useReturnFocus(true)
  const bindings = useBindings()
  return (
    <Dialog.Root open={open} onOpenChange={helpOpen => useUi.setState({ helpOpen })}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim clear" />
        <Dialog.Content className="pop help" aria-describedby={undefined} {...focus} data-testid="help">
          <header className="help-head">
            <Dialog.Title>{t('Keys and help')}</Dialog.Title>
            <Button small look="ghost" onClick={guide}>
              {t('Guide of a minute')}
            </Button>
          </header>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <section className="help-columns" tabIndex={0} aria-label={t('Keys')}>
            <Lines title={t('By hand')} lines={HANDS} />
            <Lines title={t('Studio')} lines={linesOf(true, bindings)} />
            <Lines title={t('Gallery')} lines={GALLERY} />
            <Lines title={t('Everywhere')} lines={linesOf(false, bindings)} />
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
            <dt>{t(line.title)}</dt>
            <dd>
              {line.keys.map(key => (
                <kbd key={key}>{t(keyName(key))}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
