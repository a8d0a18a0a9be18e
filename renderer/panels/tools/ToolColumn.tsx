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
  const shortcut = useShortcuts()
  useHistory()
  useDocument()
  const canUndo = nextUndo().length > 0
  const canRedo = nextRedo().length > 0
  return (
    <>
      <IconButton
        label={t('Undo')}
        shortcut={shortcut('undo')}
        unavailable={canUndo ? undefined : t('Nothing to take back.')}
        tabIndex={-1}
        onClick={undo}
        data-testid="undo"
      >
        <Undo2 size={18} strokeWidth={1.5} />
      </IconButton>
      <IconButton
        label={t('Redo')}
        shortcut={shortcut('redo')}
        unavailable={canRedo ? undefined : t('Nothing was taken back.')}
        tabIndex={-1}
        onClick={redo}
        data-testid="redo"
      >
        <Redo2 size={18} strokeWidth={1.5} />
      </IconButton>
    </>
  )
}
