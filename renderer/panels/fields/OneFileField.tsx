import { TriangleAlert } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { t } from '../../language/language.ts'
import { type AdditionKind, additionAt, familyWords, lastName, suits } from '../../state/additions.ts'
import { useEngine } from '../../state/engine.ts'
import { openAddFiles } from '../../state/model-files.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import { ChoiceMenu } from './ChoiceMenu.tsx'
import type { RowProps } from './row-props.ts'

/** What holds where none is chosen. */
const NONE: Partial<Record<AdditionKind, string>> = { vae: 'The model’s own', classifier: 'none' }

/** One file of the library, or none: an autoencoder in place of the model's own, a classifier. */
export function OneFileField({ field, values, model }: RowProps) {
  const others = useEngine(state => state.others)
  const given = values[field.name]
  const path = typeof given === 'string' ? given : ''
  const kind = field.takes ?? 'vae'
  const none = t(NONE[kind] ?? 'none')
  const known = additionAt(path, kind, others)
  const offered = others.filter(each => each.kind === kind && suits(each, model) && each.problem === undefined)
  const choose = (next: string) => {
    endEdit()
    setValue(field.name, next === '' ? undefined : next)
  }
  const choices = [{ value: '', title: none, about: '' }].concat(
    offered.map(each => ({ value: each.path, title: each.name, about: familyWords(each) ?? '' })),
  )
  const shown = path === '' ? none : (known?.name ?? lastName(path))
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
