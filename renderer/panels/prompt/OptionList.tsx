import { useEffect, useRef } from 'react'
import { t } from '../../language/language.ts'
import type { Completion } from './use-completion.ts'

export const LIST_ID = 'prompt-options'
export const optionId = (index: number): string => `${LIST_ID}-${index}`

/** What can be written next, over the line of the caret. The focus stays in the prompt. */
export function OptionList({ options, marked, place, take }: Completion) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.querySelector(`#${CSS.escape(optionId(marked))}`)?.scrollIntoView({ block: 'nearest' })
  }, [marked])
  return (
    <div className="prompt-options-place" style={{ left: place.left, top: place.top }}>
      <div
        ref={list}
        id={LIST_ID}
        role="listbox"
        aria-label={t('Words')}
        className="pop prompt-options"
        data-testid="options"
      >
        {options.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the prompt, which keeps the focus
          // biome-ignore lint/a11y/useFocusableInteractive: the prompt names the marked one by aria-activedescendant
          <div
            key={option.text}
            id={optionId(index)}
            role="option"
            aria-selected={index === marked}
            className="prompt-option"
            onPointerDown={event => event.preventDefault()}
            onClick={() => take(option)}
          >
            <span className="cut grow">{option.text}</span>
            <span className="t12 t3 cut">{option.calls?.name ?? t(option.from)}</span>
          </div>
        ))}
      </div>
    </div>
  )
}
