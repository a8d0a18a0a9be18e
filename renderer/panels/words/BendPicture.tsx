import { useMemo, useState } from 'react'
import { Button } from '../../components/Button.tsx'
import { Form } from '../../components/Form.tsx'
import { Segmented } from '../../components/Segmented.tsx'
import { TextField } from '../../components/TextField.tsx'
import { t } from '../../language/language.ts'
import type { Image, JobRequest, ModelInfo } from '../../state/api.ts'
import { useAnswer } from '../../state/asking.ts'
import {
  anyTrainingOf,
  type Bending,
  canBend,
  drawingOf,
  learn,
  learningOf,
  lengthsOf,
  type Method,
  trainingOf,
  useLearned,
} from '../../state/bend.ts'
import { engine, useEngine } from '../../state/engine.ts'
import { useForm } from '../../state/form-in-force.ts'
import { drawRequest } from '../../state/runs.ts'
import { duration, secondsWords, sizeWords } from '../../state/words.ts'
import { Share } from './Share.tsx'

/** Milliseconds that a hand is still before the engine is asked what a training takes. */
const STILL = 600

const METHODS = [
  { value: 'imagic', label: 'Bend' },
  { value: 'unitune', label: 'Hold on' },
] as const satisfies readonly { value: Method; label: string }[]

const ABOUT: Readonly<Record<Method, string>> = {
  imagic:
    'The model learns this picture once; then a slider bends it towards your words: a posture, a shape, another thing.',
  unitune: 'The model learns this picture once; then it is drawn anew with other words, and stays the same picture.',
}

/** A picture that the model learns as a whole: first the training, then its slider. */
export function BendPicture({ picture }: { picture: Image }) {
  const operations = useEngine(state => state.operations)
  const { model } = useForm()
  const [bending, setBending] = useState<Bending>({ method: 'imagic', words: '', amount: 0.7, effort: 1 })
  const { method } = bending
  const job = useEngine(state => learningOf(picture, method, state.jobs))
  const learned = useLearned(picture, method)
  if (!canBend(operations) || model?.kind !== 'checkpoint' || model.beside !== 'nothing') return null
  const change = (part: Partial<Bending>) => setBending({ ...bending, ...part })
  const way = { picture, model, bending, change }
  return (
    <section className="sec stack" aria-label={t('The whole picture')} data-testid="bend">
      <h3 className="t12 t3">{t('The whole picture')}</h3>
      <Segmented
        fill
        label={t('The whole picture')}
        value={method}
        choices={METHODS}
        onChange={next => change({ method: next })}
      />
      <p className="note">{t(ABOUT[method])}</p>
      {job !== undefined ? <Learning job={job.id} /> : <Way {...way} learned={learned} />}
    </section>
  )
}

interface WayProps {
  readonly picture: Image
  readonly model: ModelInfo
  readonly bending: Bending
  readonly change: (part: Partial<Bending>) => void
}

function Way({ learned, ...way }: WayProps & { readonly learned: readonly ModelInfo[] }) {
  const { method, learned: chosen } = way.bending
  const found = learned.find(({ path }) => path === chosen) ?? learned.at(-1)
  return (
    <>
      {found !== undefined && <Slider {...way} learned={learned} found={found} />}
      {(found === undefined || method === 'imagic') && <Beginning {...way} isFirst={found === undefined} />}
    </>
  )
}

/** What is learned, and what that takes. */
function Beginning({ picture, model, bending, change, isFirst }: WayProps & { readonly isFirst: boolean }) {
  const { method, effort } = bending
  const operation = useEngine(state => state.operations.find(({ id }) => id === `train-${method}`))
  const lengths = lengthsOf(operation, effort)
  const request = trainingOf(picture, bending, model, lengths)
  const key = JSON.stringify([picture.hash, model.id, method, effort])
  const estimate = useTrainingCost(anyTrainingOf(picture, method, model, lengths), key)
  return (
    <Form
      className="bend-form"
      onSubmit={() => {
        if (request !== undefined) void learn(request)
      }}
    >
      {method === 'imagic' && (
        <TextField
          label={isFirst ? t('What it shall become, as a whole') : t('Learn it for other words')}
          autoComplete="off"
          placeholder={t('a cat jumping, on a blue background')}
          value={bending.words}
          onChange={words => change({ words })}
          data-testid="bend-words"
        />
      )}
      <Share
        name="effort"
        title={t('How long')}
        about={t('How long it learns, as a part of what is usual: less is quicker and holds the picture less exactly.')}
        value={effort}
        maximum={2}
        onChange={next => change({ effort: next })}
      />
      <p className="note" data-testid="bend-estimate">
        {estimate}
      </p>
      <div className="words-doing">
        <span className="grow" />
        <Button type="submit" disabled={request === undefined} data-testid="bend-learn">
          {t('Learn the picture')}
        </Button>
      </div>
    </Form>
  )
}

/** What a training takes, in words; nothing until it is known. */
function useTrainingCost(request: JobRequest | undefined, key: string): string | undefined {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says what the answer depends on
  const question = useMemo(
    () => (request === undefined ? undefined : async () => (await engine()).trainings.estimate(request)),
    [key],
  )
  const estimate = useAnswer(question, STILL)
  if (estimate === undefined) return undefined
  const size = sizeWords(Number(estimate.memory.toPrecision(2)))
  if (!estimate.fits) return t('It takes {size} of memory, more than there is for models.', { size })
  if (estimate.seconds === undefined)
    return t('{size} of memory; no time is known before the first training.', { size })
  return t('About {time}, {size} of memory.', { size, time: duration(estimate.seconds) })
}

/** How far the training is. */
function Learning({ job }: { readonly job: string }) {
  const progress = useEngine(state => state.progress[job])
  const cancel = async () => (await engine()).jobs.cancel({ id: job })
  return (
    <div className="words-doing" role="status" data-testid="bend-learning">
      <span className="grow">
        <span className="block">{progress?.phase ?? t('Waiting')}</span>
        <span className="block t12 t3 num">{secondsWords(progress)}</span>
      </span>
      <Button onClick={() => void cancel()} data-testid="bend-stop">
        {t('Stop')}
      </Button>
    </div>
  )
}

/** The slider of a picture that was learned. */
function Slider({
  picture,
  model,
  bending,
  change,
  learned,
  found,
}: WayProps & { readonly learned: readonly ModelInfo[]; readonly found: ModelInfo }) {
  const { method, words, amount } = bending
  const draw = () => drawRequest(drawingOf(picture, bending, model, found))
  return (
    <Form className="bend-form" onSubmit={() => void draw()}>
      {method === 'imagic' && learned.length > 1 && (
        <select
          className="input"
          aria-label={t('Learned for')}
          value={found.path}
          onChange={event => change({ learned: event.target.value })}
        >
          {learned.map(({ path, triggerWords = [] }) => (
            <option key={path} value={path}>
              {triggerWords.join(', ')}
            </option>
          ))}
        </select>
      )}
      {method === 'imagic' && learned.length === 1 && <p>{found.triggerWords?.join(', ')}</p>}
      {method === 'unitune' && (
        <TextField
          label={t('What it shall show')}
          autoComplete="off"
          value={words}
          onChange={next => change({ words: next })}
          data-testid="bend-words"
        />
      )}
      <Share
        name="toward"
        title={method === 'imagic' ? t('Toward the words') : t('Strength')}
        about={
          method === 'imagic'
            ? t('How far the picture is bent towards the words: 0 is the picture itself, 1 the words alone.')
            : t('How much of the picture is given up; 0: nearly nothing, 1: all of it.')
        }
        value={amount}
        onChange={next => change({ amount: next })}
      />
      <div className="words-doing">
        <span className="grow" />
        <Button type="submit" disabled={method === 'unitune' && words.trim() === ''} data-testid="bend-draw">
          {t('Draw')}
        </Button>
      </div>
    </Form>
  )
}
