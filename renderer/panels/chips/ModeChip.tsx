import { Segmented } from '../../components/Segmented.tsx'
import { useForm } from '../../state/form-in-force.ts'
import { chooseMode, MODE_WORDS, MODES, modeOf, useMode } from '../../state/mode.ts'
import { Chip } from './Chip.tsx'

/** What the next run does with the frame. It follows the canvas; a dot says that the person chose another. */
export function ModeChip() {
  const { model } = useForm()
  const mode = useMode(modeOf)
  const { found, chosen } = useMode()
  if (model?.kind !== 'checkpoint') return null
  const { title, about } = MODE_WORDS[mode]
  const isOwn = chosen !== undefined && chosen !== found
  const value = (
    <>
      {title}
      {isOwn && <i className="chosen-dot" title="Chosen by you" />}
    </>
  )
  return (
    <Chip label={isOwn ? 'What is done, chosen by you' : 'What is done'} value={value} width={360} testId="chip-mode">
      <div className="stack">
        <Segmented
          label="What is done"
          fill
          value={mode}
          choices={MODES.map(each => ({ value: each, label: MODE_WORDS[each].title }))}
          onChange={chooseMode}
        />
        <p className="note">{about}</p>
        {isOwn && (
          <p className="note">The canvas asks for “{MODE_WORDS[found].title}”. Choose that to let it decide.</p>
        )}
      </div>
    </Chip>
  )
}
