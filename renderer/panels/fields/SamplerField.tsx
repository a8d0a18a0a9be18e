import { t } from '../../language/language.ts'
import { useEngine } from '../../state/engine.ts'
import { ownValue, valueInForce } from '../../state/form.ts'
import { servesOthers } from '../../state/samplers.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import { ChoiceMenu } from './ChoiceMenu.tsx'
import type { RowProps } from './row-props.ts'

/** The sampler, with what each is good for. */
export function SamplerField({ field, values, model }: RowProps) {
  const samplers = useEngine(state => state.samplers)
  const chosen = valueInForce(field, values, model)
  const value = String((servesOthers(chosen, model, samplers) ? ownValue(field, model) : chosen) ?? '')
  const names = field.choices ?? samplers.map(sampler => sampler.className)
  const choices = names.flatMap(name => {
    if (servesOthers(name, model, samplers)) return []
    const sampler = samplers.find(sampler => sampler.className === name)
    return { value: name, title: sampler?.title ?? name, about: t(sampler?.goodFor ?? '') }
  })
  const shown = choices.find(choice => choice.value === value)?.title ?? value
  const choose = (next: string) => {
    endEdit()
    setValue(field.name, next === ownValue(field, model) ? undefined : next)
  }
  return <ChoiceMenu {...{ field, values, model, choices, value, shown, choose }} />
}
