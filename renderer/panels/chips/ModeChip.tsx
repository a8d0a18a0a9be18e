import { Segmented } from '../../components/Segmented.tsx'
import { t } from '../../language/language.ts'
import { useForm } from '../../state/form-in-force.ts'
import { chooseMode, MODE_WORDS, MODES, modeOf, ownDoing, useMode } from '../../state/mode.ts'
import { Chip } from './Chip.tsx'

/** What the next run does with the frame. It follows the canvas; a dot says that the person chose another. */
export function ModeChip() {
  const { model } = useForm()
  const mode = useMode(modeOf)
  const { found, chosen } = useMode()
  const own = ownDoing(model)
  if (own !== undefined) {
    return (
      <Chip label={t('What is done')} value={t(own.title)} width={360} testId="chip-mode">
        <p className="note">{t(own.about)}</p>
      </Chip>
    )
  }
  if (model?.kind !== 'checkpoint') return null
  const { title, about } = MODE_WORDS[mode]
  const isOwn = chosen !== undefined && chosen !== found
  const value = (
    <>
      {t(title)}
      {isOwn && <i className="chosen-dot" title={t('Chosen by you')} />}
    </>
  )
  return (
    <Chip
      label={isOwn ? t('What is done, chosen by you') : t('What is done')}
      value={value}
      width={400}
      testId="chip-mode"
    >
      <div className="stack">
        <Segmented
          label={t('What is done')}
          fill
          value={mode}
          choices={MODES.map(each => ({ value: each, label: MODE_WORDS[each].title }))}
          onChange={chooseMode}
        />
        <p className="note">{t(about)}</p>
        {isOwn && (
          <p className="note">
            {t('The canvas asks for “{title}”. Choose that to let it decide.', { title: t(MODE_WORDS[found].title) })}
          </p>
        )}
      </div>
    </Chip>
  )
}
