/** The stores on S3: the only place that imports the AWS SDK. */
@NullMarked
package dev.precast.s3;

import org.jspecify.annotations.NullMarked;
