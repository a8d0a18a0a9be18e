import { TriangleAlert } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { t } from '../../language/language.ts'
import { additionAt, familyWords, lastName, suits } from '../../state/additions.ts'
import { useEngine } from '../../state/engine.ts'
import { openAddFiles } from '../../state/model-files.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import { ChoiceMenu } from './ChoiceMenu.tsx'
import type { RowProps } from './row-props.ts'

const OWN = 'The model’s own'

/** The autoencoder: the model's own, or one of the library. */
export function AutoencoderField({ field, values, model }: RowProps) {
  const others = useEngine(state => state.others)
  const given = values[field.name]
  const path = typeof given === 'string' ? given : ''
  const known = additionAt(path, 'vae', others)
  const offered = others.filter(each => each.kind === 'vae' && suits(each, model) && each.problem === undefined)
  const choose = (next: string) => {
    endEdit()
    setValue(field.name, next === '' ? undefined : next)
  }
  const choices = [{ value: '', title: t(OWN), about: '' }].concat(
    offered.map(each => ({ value: each.path, title: each.name, about: familyWords(each) ?? '' })),
  )
  const shown = path === '' ? t(OWN) : (known?.name ?? lastName(path))
  const isUnfit = known !== undefined && !suits(known, model)
  return (
    <>
      <ChoiceMenu {...{ field, values, model, choices, shown, choose }} value={path} className="additions-menu">
        <DropdownMenu.Separator className="list-line" />
        <DropdownMenu.Item className="list-item" onSelect={openAddFiles}>
          <span className="tick" />
          {t('Add files in Models…')}
        </DropdownMenu.Item>
      </ChoiceMenu>
      {isUnfit && (
        <p className="addition-note">
          <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
          <span>{t('Not used: it is for {family}.', { family: familyWords(known) ?? '' })}</span>
        </p>
      )}
    </>
  )
}
