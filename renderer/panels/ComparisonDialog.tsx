import { Dialog } from 'radix-ui'
import { Button } from '../components/Button.tsx'
import { useReturnFocus } from '../components/dialog-focus.ts'
import { Form } from '../components/Form.tsx'
import { t } from '../language/language.ts'
import { blobUrl } from '../state/api.ts'
import { type Axis, type Cell, comparable, compare, stopComparison, useComparison } from '../state/comparison.ts'
import { useEngine } from '../state/engine.ts'
import { useForm } from '../state/form-in-force.ts'
import { staged, useStudio } from '../state/studio.ts'
import { doneShare } from '../state/words.ts'

const NAMES = ['Across', 'Down', 'In sheets']
const HINTS = ['4, 8, 16', '10-30:5', 'apple, pear']

/** Pictures over one, two or three parameters, all with the same seed. */
export function ComparisonDialog() {
  const open = useComparison(state => state.open)
  const focus = useReturnFocus(true)
  return (
    <Dialog.Root open={open} onOpenChange={next => useComparison.setState({ open: next })}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className="dialog comparison" {...focus} data-testid="comparison">
          <Dialog.Title>{t('Compare over parameters')}</Dialog.Title>
          <Dialog.Description>
            {t('Each picture has the same seed; what differs stands at the edge. They are kept in the Gallery.')}
          </Dialog.Description>
          <Axes />
          <Cells />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Axes() {
  const axes = useComparison(state => state.axes)
  const problem = useComparison(state => state.problem)
  const cells = useComparison(state => state.cells)
  const isWorking = cells.some(({ image, problem }) => image === undefined && problem === undefined)
  const set = (index: number, change: Partial<Axis>) =>
    useComparison.setState({
      axes: axes.map((axis, k) => (k === index ? { ...axis, ...change } : axis)),
      problem: undefined,
    })
  return (
    <Form className="comparison-axes" onSubmit={() => void compare()}>
      {axes.map((axis, index) => (
        <AxisRow key={NAMES[index]} index={index} axis={axis} onChange={change => set(index, change)} />
      ))}
      {problem !== undefined && (
        <p className="warn-text" role="alert">
          {problem}
        </p>
      )}
      <div className="dialog-foot">
        {isWorking && (
          <Button look="ghost" onClick={() => void stopComparison()} data-testid="comparison-stop">
            {t('Stop')}
          </Button>
        )}
        <Button look="primary" type="submit" data-testid="comparison-start">
          {t('Compare')}
        </Button>
      </div>
    </Form>
  )
}

interface RowProps {
  readonly index: number
  readonly axis: Axis
  readonly onChange: (change: Partial<Axis>) => void
}

function AxisRow({ index, axis, onChange }: RowProps) {
  const { fields } = useForm()
  const name = t(NAMES[index] ?? '')
  return (
    <div className="comparison-axis">
      <span className="t12 t2">{name}</span>
      <select
        className="field"
        aria-label={t('{name}: parameter', { name })}
        value={axis.field}
        onChange={event => onChange({ field: event.target.value })}
        data-testid={`axis-${index}`}
      >
        <option value="">{t('Nothing')}</option>
        {comparable(fields).map(({ name, title, widget }) => (
          <option key={name} value={name}>
            {widget === 'prompt' ? t('Words of the prompt') : title}
          </option>
        ))}
      </select>
      <input
        className="field"
        aria-label={t('{name}: values', { name })}
        placeholder={HINTS[index]}
        value={axis.text}
        disabled={axis.field === ''}
        onChange={event => onChange({ text: event.target.value })}
        data-testid={`values-${index}`}
      />
    </div>
  )
}

/** The pictures as sheets of rows. */
function Cells() {
  const cells = useComparison(state => state.cells)
  const at = (axis: number) => [...new Set(cells.map(({ labels }) => labels[axis] ?? ''))]
  if (cells.length === 0) return null
  const [across, down, sheets] = [at(0), at(1), at(2)]
  const find = (x: string, y: string, z: string) =>
    cells.find(({ labels }) => (labels[0] ?? '') === x && (labels[1] ?? '') === y && (labels[2] ?? '') === z)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keys
    <section className="comparison-sheets" tabIndex={0} aria-label={t('Pictures of the comparison')}>
      {sheets.map(sheet => (
        <table key={sheet}>
          {sheet !== '' && <caption>{sheet}</caption>}
          <thead>
            <tr>
              {down.length > 1 && <td />}
              {across.map(label => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {down.map(row => (
              <tr key={row}>
                {down.length > 1 && <th scope="row">{row}</th>}
                {across.map(column => (
                  <td key={column}>
                    <Picture cell={find(column, row, sheet)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </section>
  )
}

function Picture({ cell }: { readonly cell: Cell | undefined }) {
  const progress = useEngine(state => (cell?.job === undefined ? undefined : state.progress[cell.job]))
  if (cell === undefined) return null
  const { image, problem, labels } = cell
  if (problem !== undefined) return <span className="comparison-none t12">{problem}</span>
  if (image === undefined) {
    return (
      <span
        className="comparison-none"
        role="progressbar"
        aria-label={labels.join(', ')}
        aria-valuenow={doneShare(progress) * 100}
      >
        <i style={{ transform: `scaleX(${doneShare(progress)})` }} />
      </span>
    )
  }
  return (
    <button
      type="button"
      className="comparison-picture"
      aria-label={t('Take into the studio: {values}', { values: labels.join(', ') })}
      onClick={() => {
        useStudio.setState(state => staged(state, [image]))
        useComparison.setState({ open: false })
      }}
      data-testid="comparison-picture"
    >
      <img src={blobUrl(image.hash)} alt={labels.join(', ')} />
    </button>
  )
}
