import { useEffect, useMemo, useState } from 'react'
import { t } from '../language/language.ts'
import { additionsIn } from './additions.ts'
import type { Cost, ModelInfo } from './api.ts'
import { requestOf } from './draft.ts'
import { engine, useEngine } from './engine.ts'
import { formFields, operationFor, useForm } from './form-in-force.ts'
import { useStudio } from './studio.ts'

/** Asks the engine about what is set up now, when it has been still for a moment; the last answer stays until the next.
 *  @param question nothing while there is nothing to ask */
export function useAnswer<Answer>(question: (() => Promise<Answer>) | undefined, after: number): Answer | undefined {
  const [answer, setAnswer] = useState<Answer>()
  useEffect(() => {
    if (question === undefined) return setAnswer(undefined)
    let current = true
    const timer = setTimeout(() => {
      question().then(
        next => current && setAnswer(next),
        () => current && setAnswer(undefined),
      )
    }, after)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [question, after])
  return answer
}

/** What is asked about the prompt's tokens; nothing while there is nothing to ask. */
function usePromptQuestion() {
  const { model, fields } = useForm()
  const prompt = useStudio(state => state.draft.prompt)
  const values = useStudio(state => state.draft.values)
  const here = useEngine(state => state.presence === 'here')
  const id = model?.id
  const reads = model?.kind === 'checkpoint'
  const longPrompts: 'cut' | 'chunks' = values.longPrompts === 'cut' ? 'cut' : 'chunks'
  const field = fields.find(({ widget, takes }) => widget === 'files' && takes === 'embedding')
  const chosen = field === undefined ? undefined : values[field.name]
  return useMemo(() => {
    if (id === undefined || !reads || !here || prompt.trim() === '') return undefined
    const embeddings = additionsIn(chosen)
      .filter(({ off }) => off !== true)
      .map(({ model, word }) => ({ model, word }))
    return { model: id, prompt, longPrompts, embeddings }
  }, [id, reads, here, prompt, longPrompts, chosen])
}

/** Tokens of the prompt, in how many parts they are read, and the words that the model does not read. */
export function useTokens() {
  const question = usePromptQuestion()
  const asked = useMemo(
    () => (question === undefined ? undefined : async () => (await engine()).models.countTokens(question)),
    [question],
  )
  return useAnswer(asked, 250)
}

/** The prompt token by token, while somebody looks at it. */
export function useTokenView() {
  const question = usePromptQuestion()
  const asked = useMemo(
    () => (question === undefined ? undefined : async () => (await engine()).models.tokens(question)),
    [question],
  )
  return useAnswer(asked, 250)
}

/** What the next run would take, and whether that fits. */
export function useEstimate(): (Cost & { readonly fits?: boolean }) | undefined {
  const { model } = useForm()
  const operations = useEngine(state => state.operations)
  // A picture or a mask is there only when the run is asked for; drawing from words alone takes as long.
  const operation = operationFor(operations, model, 'create')
  const draft = useStudio(state => state.draft)
  const here = useEngine(state => state.presence === 'here')
  const others = useEngine(state => state.others)
  const settings = useEngine(state => state.settings)
  const samplers = useEngine(state => state.samplers)
  // A finished job is a new measurement.
  const finished = useEngine(state => Object.values(state.jobs).filter(job => job.state === 'done').length)
  const { prompt, values } = draft
  // biome-ignore lint/correctness/useExhaustiveDependencies: `finished` and `settings` make it ask again
  const question = useMemo(() => {
    if (operation === undefined || model === undefined || !here) return undefined
    const request = requestOf(
      operation.id,
      model,
      formFields(operation.id),
      { prompt, values, seed: '', seedKept: false, staged: [] },
      '0',
      others,
      samplers,
    )
    return async () => (await engine()).models.estimate(request)
  }, [operation, model, prompt, values, others, samplers, here, finished, settings])
  return useAnswer(question, 300)
}

/** What a picture by a model takes, with all of the model's own values; undefined for what does not draw. */
export function useOwnEstimate({ id, kind, problem }: ModelInfo): Cost | undefined {
  const operation = useEngine(state => state.operations.find(each => each.draws === kind))
  const question = useMemo(() => {
    if (operation === undefined || problem !== undefined) return undefined
    const request = { operation: operation.id, model: id, parameters: kind === 'checkpoint' ? { prompt: '' } : {} }
    return async () => (await engine()).models.estimate(request)
  }, [operation, id, kind, problem])
  return useAnswer(question, 0)
}

/** The sentence about words that do not fit, and the words themselves. */
export function leftOutWords(limit: number, leftOut: string): string | undefined {
  const count = leftOut.trim() === '' ? 0 : leftOut.trim().split(/\s+/).length
  if (count === 0) return undefined
  return t('The model reads {limit} tokens; the last {count} words are left out.', { limit, count })
}

/** The sentence about a prompt that does not fit at once; nothing for one that does. Begin and end of each part are not the person's
 *  words, so they are not counted. */
export function partsWords({
  tokens,
  limit,
  chunks,
}: {
  tokens: number
  limit: number
  chunks: number
}): string | undefined {
  if (chunks === 1) return undefined
  const words = tokens - 2 * chunks
  return t('{count} tokens, read in {chunks} parts of up to {limit}.', { count: words, chunks, limit: limit - 2 })
}
