import { RadioGroup } from 'radix-ui'
import type { ReactNode } from 'react'
import { t } from '../language/language.ts'
import { Hint } from './Hint.tsx'

export interface Choice<Value extends string> {
  readonly value: Value
  readonly label: string
  /** Shown instead of the label; the label is then its name and tooltip. */
  readonly icon?: ReactNode
  /** Never shows its label beside its icon. */
  readonly quiet?: boolean
  readonly disabled?: boolean
}

interface Props<Value extends string> {
  readonly label: string
  readonly value: Value | undefined
  readonly choices: readonly Choice<Value>[]
  readonly onChange: (value: Value) => void
  /** As wide as its place, parts alike. */
  readonly fill?: boolean
  /** The chosen one shows its label beside its icon. */
  readonly named?: boolean
}

/** Two to five choices of which one holds; arrow keys move and choose. */
export function Segmented<Value extends string>({ label, value, choices, onChange, fill, named }: Props<Value>) {
  return (
    <RadioGroup.Root
      className={fill ? 'seg fill' : 'seg'}
      aria-label={label}
      value={value ?? ''}
      orientation="horizontal"
      onValueChange={next => {
        const choice = choices.find(each => each.value === next)
        if (choice !== undefined) onChange(choice.value)
      }}
    >
      {choices.map(choice => {
        const item = (
          <RadioGroup.Item
            key={choice.value}
            className={choice.value === value ? 'on' : ''}
            value={choice.value}
            disabled={choice.disabled}
            aria-label={choice.icon === undefined ? undefined : t(choice.label)}
          >
            {choice.icon}
            {(choice.icon === undefined || (named && !choice.quiet && choice.value === value)) && (
              <span>{t(choice.label)}</span>
            )}
          </RadioGroup.Item>
        )
        return choice.icon === undefined ? (
          item
        ) : (
          <Hint key={choice.value} name={t(choice.label)}>
            {item}
          </Hint>
        )
      })}
    </RadioGroup.Root>
  )
}
