/** The stores on S3. Only this package imports the AWS SDK. */
@NullMarked
package dev.precast.s3;

import org.jspecify.annotations.NullMarked;
