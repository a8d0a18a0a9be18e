import { useState } from 'react'
import { Button } from '../components/Button.tsx'
import { Form } from '../components/Form.tsx'
import { t } from '../language/language.ts'
import type { ModelInfo } from '../state/api.ts'
import { locateModel } from '../state/models.ts'
import type { Failure } from '../state/problem.ts'
import { Told } from './Told.tsx'

/** For a model whose files were moved: where they are now, or a folder that holds them. Only the same files are taken. */
export function FindModel({ model }: { model: ModelInfo }) {
  const [path, setPath] = useState('')
  const [failure, setFailure] = useState<Failure>()
  const [looking, setLooking] = useState(false)
  const find = async () => {
    setLooking(true)
    setFailure(await locateModel(model, path.trim().replace(/^"(.*)"$/, '$1')))
    setLooking(false)
  }
  return (
    <div className="find-moved">
      <Form
        className="get-form"
        onSubmit={() => {
          if (!looking && path.trim() !== '') void find()
        }}
      >
        <label className="field">
          <span className="sr">{t('Where {name} is now', { name: model.name })}</span>
          <input
            type="text"
            placeholder={t('Where it is now: the file, or a folder')}
            spellCheck={false}
            autoComplete="off"
            value={path}
            onChange={event => {
              setPath(event.target.value)
              setFailure(undefined)
            }}
            data-testid="moved-path"
          />
        </label>
        <Button small type="submit" busy={looking} disabled={path.trim() === ''} data-testid="find-moved">
          {t('Find it')}
        </Button>
      </Form>
      {looking && <p className="mwords t12">{t('Comparing what is there with what was known.')}</p>}
      {failure !== undefined && <Told problem={failure} />}
    </div>
  )
}
