import { SquareSplitHorizontal } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Growing } from '../../components/Growing.tsx'
import { IconButton } from '../../components/IconButton.tsx'
import { t } from '../../language/language.ts'
import { useForm } from '../../state/form-in-force.ts'
import { edit, endEdit, useStudio } from '../../state/studio.ts'
import { announce, toggleTokens, useUi } from '../../state/ui.ts'
import { StylesChip } from '../chips/StylesChip.tsx'
import { LIST_ID, OptionList, optionId } from './OptionList.tsx'
import { TokenLine } from './TokenLine.tsx'
import { useCompletion } from './use-completion.ts'

/** The person's words, with what could come next while they are typed, and what the model makes of them where that is wanted. */
export function PromptField() {
  const { model } = useForm()
  const prompt = useStudio(state => state.draft.prompt)
  const showsTokens = useUi(state => state.showsTokens)
  const area = useRef<HTMLTextAreaElement>(null)
  const { completion, onInput, onKeyDown, close } = useCompletion(() => area.current)
  const offers = completion !== undefined
  useEffect(() => {
    if (offers) announce(t('Words to choose from: arrow keys, Tab'))
  }, [offers])
  const marked = completion === undefined || completion.marked < 0 ? undefined : optionId(completion.marked)
  return (
    <>
      <div className="prompt-box">
        <label className="sr" htmlFor="prompt">
          {t('Prompt')}
        </label>
        <Growing
          id="prompt"
          ref={area}
          className="ptext"
          lines={5}
          placeholder={model?.examples[0] ?? t('Describe a picture')}
          value={prompt}
          autoFocus
          data-region-focus
          data-prompt
          data-testid="prompt"
          aria-describedby="prompt-state"
          aria-autocomplete="list"
          aria-controls={completion === undefined ? undefined : LIST_ID}
          aria-activedescendant={marked}
          onFocus={endEdit}
          onChange={event => {
            edit('prompt', { prompt: event.target.value })
            onInput(event)
          }}
          onKeyDown={onKeyDown}
          onPointerDown={close}
          onBlur={close}
        />
        {completion !== undefined && <OptionList {...completion} />}
        <div className="prompt-tools">
          <TokensButton />
          <StylesChip />
        </div>
      </div>
      {showsTokens && <TokenLine />}
    </>
  )
}

/** Shows what the model makes of the words, token by token. */
function TokensButton() {
  const shows = useUi(state => state.showsTokens)
  return (
    <IconButton
      label={t('Tokens')}
      use={t('What is one token, and what is cut off.')}
      on={shows}
      onClick={toggleTokens}
      data-testid="show-tokens"
    >
      <SquareSplitHorizontal size={16} strokeWidth={1.5} />
    </IconButton>
  )
}
