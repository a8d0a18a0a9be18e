import { useEngine } from '../../state/engine.ts'
import { ownValue, valueInForce } from '../../state/form.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import { ChoiceMenu } from './ChoiceMenu.tsx'
import type { RowProps } from './row-props.ts'

/** The sampler, with what each is good for. */
export function SamplerField({ field, values, model }: RowProps) {
  const samplers = useEngine(state => state.samplers)
  const choices = (field.choices ?? samplers.map(sampler => sampler.className)).map(name => {
    const sampler = samplers.find(sampler => sampler.className === name)
    return { value: name, title: sampler?.title ?? name, about: sampler?.goodFor ?? '' }
  })
  const value = String(valueInForce(field, values, model) ?? '')
  const shown = choices.find(choice => choice.value === value)?.title ?? value
  const choose = (next: string) => {
    endEdit()
    setValue(field.name, next === ownValue(field, model) ? undefined : next)
  }
  return <ChoiceMenu {...{ field, values, model, choices, value, shown, choose }} />
}
