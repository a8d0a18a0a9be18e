import { type FormEvent, type KeyboardEvent, useEffect, useMemo, useState } from 'react'
import { t } from '../../language/language.ts'
import { additionsIn } from '../../state/additions.ts'
import { localOptions, MOST_OPTIONS, type Option, offered, type Typed, taken, typedAt } from '../../state/completion.ts'
import { engine, useEngine } from '../../state/engine.ts'
import type { Field } from '../../state/form.ts'
import { useForm } from '../../state/form-in-force.ts'
import { endEdit, setValue, useStudio } from '../../state/studio.ts'
import { say } from '../../state/toasts.ts'
import { typeOver } from '../../state/typing.ts'
import { placeInArea } from './caret-place.ts'

/** The list of what can be written next: what is in it, which one is marked, where it stands. */
export interface Completion {
  readonly options: readonly Option[]
  readonly marked: number
  readonly place: { readonly left: number; readonly top: number }
  readonly take: (option: Option) => void
}

const STILL = 120
const NOTHING: readonly Option[] = []

/** What earlier prompts offer; the last answer stays until the next. */
function useEarlier(phrase: string | undefined): readonly Option[] {
  const [earlier, setEarlier] = useState(NOTHING)
  useEffect(() => {
    if (phrase === undefined) return setEarlier(NOTHING)
    let current = true
    const timer = setTimeout(async () => {
      const found = await (await engine()).prompts.suggest({ words: phrase.slice(-500) }).catch(() => undefined)
      const texts = [...(found?.phrases ?? []), ...(found?.words ?? [])]
      if (current) setEarlier(texts.map(text => ({ text, from: 'earlier prompt' })))
    }, STILL)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [phrase])
  return earlier
}

/** Names of wildcards, as soon as one is begun. */
function useWildcards(wanted: boolean): readonly string[] {
  const [names, setNames] = useState<readonly string[]>([])
  useEffect(() => {
    if (!wanted) return
    void (async () => setNames((await (await engine()).prompts.wildcards()).names))().catch(() => {})
  }, [wanted])
  return names
}

/** Offers words while a prompt is typed. Tab takes the marked one or the first, Enter the marked one alone, so that a new line is never in
 *  the way; Esc closes the list. */
export function useCompletion(area: () => HTMLTextAreaElement | null) {
  const [typed, setTyped] = useState<Typed>()
  const [marked, setMarked] = useState(-1)
  const [place, setPlace] = useState({ left: 0, top: 0 })
  const { fields, model } = useForm()
  const others = useEngine(state => state.others)
  const wildcards = useWildcards(typed?.word.startsWith('__') === true)
  const earlier = useEarlier(typed?.phrase)
  const local = useMemo(() => localOptions(model, others, wildcards), [model, others, wildcards])
  const options = useMemo(
    () => (typed === undefined ? NOTHING : offered(typed, [...local, ...earlier]).slice(0, MOST_OPTIONS)),
    [typed, local, earlier],
  )
  const close = () => {
    setTyped(undefined)
    setMarked(-1)
  }
  const take = (option: Option) => {
    const element = area()
    if (element === null || typed === undefined) return
    close()
    typeOver(element, taken(typed, option))
    offerToAdd(option, fields)
  }
  const onInput = (event: FormEvent<HTMLTextAreaElement>) => {
    const { value, selectionStart, selectionEnd } = event.currentTarget
    const next = isTyping(event.nativeEvent, typed !== undefined) && selectionStart === selectionEnd
    const now = next ? typedAt(value, selectionStart) : undefined
    setTyped(now)
    setMarked(-1)
    if (now !== undefined) setPlace(placeInArea(event.currentTarget, now.caret - now.word.length))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (typed === undefined) return
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey
    if (!isPlain || event.nativeEvent.isComposing || options.length === 0)
      return isModifier(event.key) ? undefined : close()
    const chosen = options[marked] ?? (event.key === 'Tab' ? options[0] : undefined)
    if (event.key === 'ArrowDown') setMarked((marked + 1) % options.length)
    else if (event.key === 'ArrowUp') setMarked((marked <= 0 ? options.length : marked) - 1)
    else if (event.key === 'Escape') close()
    else if ((event.key === 'Tab' || event.key === 'Enter') && chosen !== undefined) take(chosen)
    else {
      if (event.key.length > 1 && event.key !== 'Backspace') close()
      return
    }
    event.preventDefault()
  }
  const completion: Completion | undefined = options.length === 0 ? undefined : { options, marked, place, take }
  return { completion, onInput, onKeyDown, close }
}

const isModifier = (key: string): boolean => ['Shift', 'Control', 'Alt', 'Meta'].includes(key)

/** One letter after the other; what is pasted or filled in asks for nothing. */
function isTyping(event: Event, isOpen: boolean): boolean {
  if (!(event instanceof InputEvent)) return false
  const { inputType, data } = event
  if (inputType.startsWith('delete')) return isOpen
  return inputType === 'insertCompositionText' || (inputType === 'insertText' && (data?.length ?? 0) === 1)
}

/** A word that calls a LoRA or an embedding does nothing while that is not beside the model. */
function offerToAdd({ text, calls }: Option, fields: readonly Field[]): void {
  if (calls === undefined) return
  const field = fields.find(({ widget, takes }) => widget === 'files' && takes === calls.kind)
  if (field === undefined) return
  const chosen = () => additionsIn(useStudio.getState().draft.values[field.name])
  if (chosen().some(({ model, off }) => model === calls.path && off !== true)) return
  const run = () => {
    const others = chosen().filter(({ model }) => model !== calls.path)
    endEdit()
    setValue(field.name, [
      ...others,
      calls.kind === 'lora' ? { model: calls.path, strength: 1 } : { model: calls.path },
    ])
    endEdit()
  }
  say(t('“{text}” calls {name}, which is not in use.', { text, name: calls.name }), { label: t('Use it'), run })
}
