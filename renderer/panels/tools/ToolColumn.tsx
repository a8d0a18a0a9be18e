import { Redo2, Undo2 } from 'lucide-react'
import { Fragment, type KeyboardEvent, useRef } from 'react'
import { toolGroups } from '../../canvas/tools/index.ts'
import { IconButton } from '../../components/IconButton.tsx'
import { t } from '../../language/language.ts'
import { useShortcuts } from '../../state/bindings.ts'
import { useDocument } from '../../state/document.ts'
import { nextRedo, nextUndo, redo, undo, useHistory } from '../../state/history.ts'
import { takeTool, useTools } from '../../state/tools.ts'

/** The tools at the left edge: one stop of the Tab key, arrow keys go from one to the other. */
export function ToolColumn() {
  const tool = useTools(state => state.held ?? state.tool)
  const column = useRef<HTMLDivElement>(null)
  const shortcut = useShortcuts()
  const keys = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    event.stopPropagation()
    const stops = [...(column.current?.querySelectorAll<HTMLElement>('button, input') ?? [])]
    const at = stops.findIndex(stop => stop.matches(':focus'))
    stops[(at + step + stops.length) % stops.length]?.focus()
  }
  return (
    <div
      className="float tools"
      role="toolbar"
      aria-label={t('Tools')}
      aria-orientation="vertical"
      ref={column}
      onKeyDown={keys}
      data-region="tools"
      data-scrolls
    >
      <div className="tools-list" data-scrolls>
        {toolGroups.map(group => (
          <Fragment key={group[0]?.id}>
            {group.map(({ id, title, use, Icon }) => (
              <IconButton
                key={id}
                label={t(title)}
                shortcut={shortcut(`tool-${id}`)}
                use={use === undefined ? undefined : t(use)}
                on={id === tool}
                tabIndex={id === tool ? 0 : -1}
                onClick={() => takeTool(id)}
                data-testid={`tool-${id}`}
              >
                <Icon size={18} strokeWidth={1.5} />
              </IconButton>
            ))}
            <hr />
          </Fragment>
        ))}
      </div>
      <Colours />
      <hr />
      <Steps />
    </div>
  )
}

/** The colour that is painted with, and the other one behind it. */
function Colours() {
  const colour = useTools(state => state.colour)
  const background = useTools(state => state.background)
  return (
    <div className="swatches">
      <i style={{ background }} />
      <input
        type="color"
        className="swatch"
        aria-label={t('Colour')}
        tabIndex={-1}
        value={colour}
        onChange={event => useTools.setState({ colour: event.target.value })}
        data-testid="colour"
      />
    </div>
  )
}

function Steps() {
  useHistory()
  useDocument()
  return (
    <>
      <StepButton
        id="undo"
        label={t('Undo')}
        Icon={Undo2}
        why="Nothing to take back."
        can={nextUndo().length > 0}
        run={undo}
      />
      <StepButton
        id="redo"
        label={t('Redo')}
        Icon={Redo2}
        why="Nothing was taken back."
        can={nextRedo().length > 0}
        run={redo}
      />
    </>
  )
}

interface StepProps {
  readonly id: 'undo' | 'redo'
  readonly label: string
  readonly Icon: typeof Undo2
  /** What keeps it from doing anything, where it cannot. */
  readonly why: string
  readonly can: boolean
  readonly run: () => void
}

function StepButton({ id, label, Icon, why, can, run }: StepProps) {
  const shortcut = useShortcuts()
  return (
    <IconButton
      label={t(label)}
      shortcut={shortcut(id)}
      unavailable={can ? undefined : t(why)}
      tabIndex={-1}
      onClick={run}
      data-testid={id}
    >
      <Icon size={18} strokeWidth={1.5} />
    </IconButton>
  )
}
