/** What a person looks at after a training: pictures, and the same as JSON. */
package io.irisoperator.trainer.report;
