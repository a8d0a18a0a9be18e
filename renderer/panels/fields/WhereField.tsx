import { isOfKind } from '../../../app/api/documents.ts'
import { useDocumentInForce } from '../../canvas/document-in-force.ts'
import { t } from '../../language/language.ts'
import { lastName } from '../../state/additions.ts'
import { valueInForce } from '../../state/form.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import { isOfCanvas, paintedMask, regionPlace } from '../../state/where.ts'
import { ChoiceMenu } from './ChoiceMenu.tsx'
import type { RowProps } from './row-props.ts'

/** A part of the picture: all of it, what a mask or a region of the canvas covers, or the picture that a recipe names. */
export function WhereField(props: RowProps) {
  const { field, values, model } = props
  const { layers } = useDocumentInForce()
  const value = String(valueInForce(field, values, model) ?? '')
  const regions = layers.filter(layer => isOfKind(layer, 'region'))
  const choices = [
    { value: '', title: t('Everywhere'), about: '' },
    { value: paintedMask, title: t('The mask'), about: '' },
    ...regions.map(({ id, name }) => ({ value: regionPlace(id), title: name, about: t('Region') })),
  ]
  const known = choices.find(each => each.value === value)
  const other = { value, title: isOfCanvas(value) ? t('A layer that is gone') : lastName(value), about: '' }
  const choose = (next: string) => {
    endEdit()
    setValue(field.name, next === '' ? undefined : next)
  }
  return (
    <ChoiceMenu
      {...props}
      choices={known === undefined ? [...choices, other] : choices}
      value={value}
      shown={(known ?? other).title}
      choose={choose}
    />
  )
}
